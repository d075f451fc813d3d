/** Statements that real servers took, and the tables as information_schema showed them after each. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { columnType } from '../../../../../connectors/mysql-cdc/column-types/column-type.ts'
import { defaultTypeOptions } from '../../../../../connectors/mysql-cdc/column-types/options.ts'
import {
  applyStatements,
  Catalog,
  declaredColumn,
  dialectOf,
  parseDdl,
  type Table,
} from '../../../../../connectors/mysql-cdc/ddl/index.ts'
import type { Episode, Step } from '../../../../support/ddl/capture.ts'
import {
  comparableDefault,
  sameType,
  serverType,
  shownCharset,
  shownDefault,
  shownType,
} from '../../../../support/ddl/expected-column.ts'
import type { Server } from '../../../../support/ddl/random.ts'
import type { ServerColumn, ServerTable } from '../../../../support/ddl/server-tables.ts'

const modes: Readonly<Record<string, bigint>> = { '': 0n, ANSI_QUOTES: 4n, NO_BACKSLASH_ESCAPES: 0x100000n }

function episodes(server: Server): Episode[] {
  const file = new URL(`../../../../golden/ddl/${server}.jsonl.gz`, import.meta.url)
  const lines = gunzipSync(readFileSync(file)).toString().trim().split('\n')
  return lines.map((line) => JSON.parse(line) as Episode)
}

/** Differences between the catalog and the server after one step; made by SELECT, a table has columns unknown to us. */
function differences(catalog: Catalog, episode: Episode, step: Step): string[] {
  const { database, server } = episode
  return Object.entries(step.changed).flatMap(([name, shown]) => {
    const table = catalog.get({ database, table: name })
    if (shown === null) return table === null ? [] : [`${name} is still there`]
    if (table === null) return [`${name} is missing`]
    return tableDifferences(table, shown, server).map((difference) => `${name}: ${difference}`)
  })
}

function tableDifferences(table: Table, shown: ServerTable, server: Server): string[] {
  const names = table.columns.map(({ name }) => name)
  const expected = shown.columns.map(([name]) => name)
  if (JSON.stringify(names) !== JSON.stringify(expected)) return [`columns ${names} instead of ${expected}`]
  const found = shown.columns.flatMap((column) => columnDifferences(table, column, server))
  if (shown.primary.length > 0 && `${table.key}` !== `${shown.primary}`)
    found.push(`key ${table.key} instead of ${shown.primary}`)
  if (shownCharset(table.charset) !== shownCharset(shown.charset))
    found.push(`character set ${table.charset} instead of ${shown.charset}`)
  return found
}

function columnDifferences(table: Table, shown: ServerColumn, server: Server): string[] {
  const [name, type, nullable, charset] = shown
  const column = table.columns.find((each) => each.name === name) as Table['columns'][number]
  const said = serverType(column, server)
  const pairs: [string, unknown, unknown][] = [
    ['type', sameType(said, shownType(type)) ? shownType(type) : said, shownType(type)],
    ['nullable', column.optional, nullable],
  ]
  // MariaDB's JSON is text in utf8mb4 by another name.
  if (!/^JSON/.test(column.typeName) && !/binary|blob/.test(said))
    pairs.push(['character set', shownCharset(column.charset), shownCharset(charset)])
  const ownDefault = comparableDefault(column, said)
  const theirDefault = shownDefault(shown, server)
  if (ownDefault !== undefined && theirDefault !== undefined)
    pairs.push(['default', ownDefault, theirDefault])
  return pairs.flatMap(([what, ours, theirs]) =>
    ours === theirs ? [] : [`${name}: ${what} ${JSON.stringify(ours)} instead of ${JSON.stringify(theirs)}`],
  )
}

function play(episode: Episode, catalog = new Catalog()): string[] {
  const { server, database, implicitTimestamps } = episode
  catalog.setCharset(database, episode.charset)
  const context = { server, database, serverCharset: null, implicitTimestamps }
  const dialect = dialectOf(server, modes[episode.sqlMode] as bigint)
  return episode.steps.flatMap((step) => {
    const changes = applyStatements(catalog, parseDdl(step.sql, dialect), context)
    const unknown = changes.filter(({ kind }) => kind === 'unknown-columns')
    if (unknown.length > 0) return []
    return differences(catalog, episode, step).map((difference) => `${step.sql}\n    ${difference}`)
  })
}

describe.each<Server>(['mysql', 'mariadb'])('DDL that a real server took: %s', (server) => {
  it('makes the tables that it shows', () => {
    const all = episodes(server)
    expect(all.reduce((sum, { steps }) => sum + steps.length, 0)).toBeGreaterThan(1500)
    expect(all.flatMap((episode) => play(episode))).toEqual([])
  })

  it('makes columns that have a type each', () => {
    const types = new Set<string>()
    for (const episode of episodes(server)) {
      const catalog = new Catalog()
      play(episode, catalog)
      for (const { columns } of catalog.tables())
        for (const column of columns) {
          columnType(declaredColumn(column), defaultTypeOptions)
          types.add(column.typeName)
        }
    }
    expect(types.size).toBeGreaterThan(60)
  })
})
