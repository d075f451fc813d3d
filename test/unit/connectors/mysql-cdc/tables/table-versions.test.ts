/** Table versions: what is selected, keys, identity, and a log that contradicts the schema history. */
import { describe, expect, test } from 'vitest'
import { columnTypes as T } from '../../../../../connectors/mysql-cdc/decode/log-columns.ts'
import type { LogColumn, TableMap } from '../../../../../connectors/mysql-cdc/decode/table-map.ts'
import { schemaStage, type StageOptions } from './schema-stage.ts'

const database = 'shop'
const id = { database, table: 't' }

async function stageOf(columns: string, options: StageOptions = {}) {
  const stage = schemaStage(options)
  const shape = (ddl: string) => stage.keeper.snapshot([{ database, ddl }], {}, 0)
  await shape(`CREATE TABLE t (${columns}) CHARSET=latin1`)
  return { ...stage, shape }
}

const layouts = {
  int: { type: T.LONG, size: 0, scale: 0, width: 4 },
  varchar: { type: T.VARCHAR, size: 20, scale: 0, width: -1 },
  timestamp: { type: T.TIMESTAMP2, size: 6, scale: 0, width: 7 },
  hash: { type: T.LONGLONG, size: 0, scale: 0, width: 8 },
}

type Told = Partial<LogColumn> & { readonly as?: keyof typeof layouts }

function mapOf(columns: readonly Told[], table = 't', schema = database): TableMap {
  return {
    ...{ id: 1, schema, table, primaryKey: null, jsonColumns: 0 },
    widths: Int32Array.from(columns, () => 4),
    columns: columns.map(({ as = 'int', ...told }) => ({
      ...layouts[as],
      ...{ nullable: true, unsigned: null, name: null, collation: null, labels: null },
      ...{ geometryType: null, visible: null, dimensions: null },
      ...told,
    })),
  }
}

const latin1 = 8
const utf8mb4 = 255
const two = (told: Told = {}, other: Told = {}) => mapOf([told, { as: 'varchar', ...other }])
const twoColumns = 'id INT NOT NULL PRIMARY KEY, v VARCHAR(20)'

describe('of a snapshot', () => {
  test('names are quoted, FLOAT is selected as DOUBLE, invisible columns are named', async () => {
    const { versions } = await stageOf(
      'id INT, `a``b` FLOAT, f2 FLOAT(7,3), d DOUBLE, i INT INVISIBLE, p POINT',
    )
    expect(versions.ofSnapshot(id).columns).toEqual([
      '`id`',
      'CAST(`a``b` AS DOUBLE)',
      'CAST(`f2` AS DOUBLE)',
      '`d`',
      '`i`',
      '`p`',
    ])
  })

  test('columns that are left out are not selected, but for those of the key', async () => {
    const capture = { 'column.include.list': String.raw`shop\.t\.c` }
    const { versions } = await stageOf('a INT NOT NULL, b INT, c INT, PRIMARY KEY (a)', { capture })
    const { version, columns } = versions.ofSnapshot(id)
    expect(columns).toEqual(['`a`', '`c`'])
    expect(version.row.columns.map(({ name, cell }) => [name, cell])).toEqual([['c', 1]])
    expect(version.key?.columns.map(({ name, cell }) => [name, cell])).toEqual([['a', 0]])
    expect(version.row.schema.name).toBe('p.shop.t.Value')
  })

  test('a table that is not known is an error', () => {
    expect(() => schemaStage().versions.ofSnapshot(id)).toThrow(
      /shop\.t is captured, but.*snapshot\.mode=recovery/,
    )
  })
})

describe('of the log', () => {
  describe('rows of a sequence', () => {
    const bigint = { as: 'hash', nullable: false } as const
    const flag = { type: T.TINY, width: 1, nullable: false } as const
    const rest: readonly Told[] = [bigint, bigint, flag, bigint]
    const columns: readonly Told[] = [...Array(4).fill(bigint), ...rest]
    const names =
      'next_not_cached_value minimum_value maximum_value start_value increment cache_size cycle_option cycle_count'
    const named = names.split(' ').map((name, index) => ({ ...columns[index], name }))
    const mariadb = { server: 'mariadb' } as const

    test.each([
      ['of BIGINT', columns],
      ['of INT', [...Array(4).fill({ nullable: false }), ...rest]],
      ['with names', named],
    ])('%s go by', (_, told) => {
      expect(schemaStage(mariadb).versions.ofLog(mapOf(told))).toBeNull()
    })

    test.each([
      ['of MySQL', {}, columns],
      ['with other names', mariadb, [...named.slice(0, 7), { ...bigint, name: 'rounds' }]],
      ['that may be null', mariadb, [...columns.slice(0, 7), { as: 'hash' as const }]],
      ['with more columns', mariadb, [...columns, bigint]],
      ['of no integers', mariadb, [...Array(4).fill({ as: 'varchar', nullable: false }), ...rest]],
    ])('%s are none', (_, options, told) => {
      expect(() => schemaStage(options).versions.ofLog(mapOf(told))).toThrow(/does not know it/)
    })

    test('a table with the columns of a sequence is a table', async () => {
      const bigints = 'a BIGINT NOT NULL, b BIGINT NOT NULL, c BIGINT NOT NULL, d BIGINT NOT NULL'
      const more = 'e BIGINT NOT NULL, f BIGINT NOT NULL, g TINYINT NOT NULL, h BIGINT NOT NULL'
      const { versions } = await stageOf(`${bigints}, ${more}`, mariadb)
      expect(versions.ofLog(mapOf(columns))?.row.columns).toHaveLength(8)
    })
  })

  test('cells are those of the whole row; keys stand in their own order', async () => {
    const capture = { 'column.exclude.list': String.raw`shop\.t\.b` }
    const { versions } = await stageOf('a INT NOT NULL, b INT NOT NULL, c INT, PRIMARY KEY (b, a)', {
      capture,
    })
    const version = versions.ofLog(mapOf([{}, {}, {}]))
    expect(version?.row.columns.map(({ name, cell }) => [name, cell])).toEqual([
      ['a', 0],
      ['c', 2],
    ])
    expect(version?.key?.columns.map(({ name }) => name)).toEqual(['b', 'a'])
  })

  test('masks are of values; keys keep theirs', async () => {
    const { versions } = await stageOf('id VARCHAR(20) NOT NULL PRIMARY KEY, v VARCHAR(20)', {
      rules: { 'column.mask.with.3.chars': 'shop.t.id,shop.t.v' },
    })
    const version = versions.ofSnapshot(id).version
    expect(version.row.schema.fields.map(({ schema }) => schema.parameters?.['masked'])).toEqual([
      'true',
      'true',
    ])
    expect(version.key?.schema.fields.map(({ schema }) => schema.parameters)).toEqual([null])
  })

  test('a version lives as long as nothing changes, be the table shaped or its map anew', async () => {
    const { versions, shape } = await stageOf(twoColumns)
    const first = versions.ofLog(two())
    expect(versions.ofLog(two())).toBe(first)
    versions.forget((await shape('CREATE INDEX i ON t (v)')).shaped)
    versions.forget((await shape('ALTER TABLE t ADD UNIQUE KEY u (v)')).shaped)
    expect(versions.ofLog(two())).toBe(first)
    versions.forget((await shape('ALTER TABLE t ADD c INT')).shaped)
    expect(versions.ofLog(mapOf([{}, { as: 'varchar' }, {}]))).not.toBe(first)
  })

  test('other tables go by, and are not counted', async () => {
    const { versions, counts } = await stageOf(twoColumns, { capture: { 'table.exclude.list': 'shop.u' } })
    expect(versions.ofLog(mapOf([{}], 'u'))).toBeNull()
    expect(versions.ofLog(mapOf([{}], 'user', 'mysql'))).toBeNull()
    expect(counts.size).toBe(0)
  })

  test('text is in the character set that the log tells', async () => {
    const { versions } = await stageOf(twoColumns)
    const read = (collation: number) => {
      const column = versions.ofLog(two({}, { collation }))?.row.columns[1]
      const texts: string[] = []
      const bytes = Buffer.from('é')
      const writer = {
        text: (from: Uint8Array, start: number, end: number) =>
          void texts.push(Buffer.from(from.subarray(start, end)).toString()),
        string: (text: string) => void texts.push(text),
      }
      column?.type.read(bytes, 0, bytes.length, writer as never)
      return texts
    }
    expect(read(utf8mb4)).toEqual(['é'])
    expect(read(latin1)).toEqual(['Ã©'])
  })
})

describe('a log that contradicts the history', () => {
  test.each([
    ['fewer columns', mapOf([{}]), /2 columns \(id, v\), the log 1/],
    ['more columns', mapOf([{}, {}, {}]), /2 columns \(id, v\), the log 3/],
    [
      'another name',
      two({}, { name: 'w' }),
      /Column 2 is v VARCHAR in the history, and w VARCHAR\(20\) in the log/,
    ],
    [
      'another sign',
      two({ unsigned: true }),
      /Column 1 is id INT in the history, and LONG UNSIGNED in the log/,
    ],
    [
      'another type',
      two({ as: 'varchar' }),
      /id is declared as INT, but its rows in the log are laid out as VARCHAR/,
    ],
    [
      'an unknown table',
      mapOf([{}], 'unknown'),
      /shop\.unknown is captured, but the schema history does not know it/,
    ],
  ])('%s', async (_, map, message) => {
    const { versions } = await stageOf(twoColumns)
    expect(() => versions.ofLog(map)).toThrow(message)
    expect(() => versions.ofLog(map)).toThrow(/snapshot\.mode=recovery.*inconsistent\.schema\.handling\.mode/)
  })

  test.each(['warn', 'skip'] as const)('its events are passed over and counted: %s', async (inconsistent) => {
    const { versions, counts, lines } = await stageOf(twoColumns, { inconsistent })
    const map = mapOf([{}, {}, {}])
    expect([versions.ofLog(map), versions.ofLog(map), versions.ofLog(two())?.table]).toEqual([
      null,
      null,
      't',
    ])
    expect(counts.get('rowtap_source_inconsistent_events_total')).toBe(2)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(`(inconsistent.schema.handling.mode=${inconsistent})`)
  })

  test('names in another case are the same', async () => {
    const { versions } = await stageOf(twoColumns)
    expect(versions.ofLog(two({ name: 'ID', unsigned: false }, { name: 'V' }))?.table).toBe('t')
  })

  test('MariaDB’s rows may have columns that no definition tells', async () => {
    const named = mapOf([
      { name: 'id' },
      { as: 'varchar', name: 'v' },
      { as: 'timestamp', name: 'row_start' },
    ])
    const unnamed = mapOf([{}, { as: 'varchar' }, { as: 'timestamp' }, { as: 'timestamp' }, { as: 'hash' }])
    const { versions } = await stageOf(twoColumns, { server: 'mariadb' })
    expect(versions.ofLog(named)?.row.columns).toHaveLength(2)
    expect(versions.ofLog(unnamed)?.row.columns).toHaveLength(2)
    expect(() => versions.ofLog(mapOf([{}, { as: 'varchar' }, {}]))).toThrow(/2 columns/)
    const { versions: ofMysql } = await stageOf(twoColumns)
    expect(() => ofMysql.ofLog(named)).toThrow(/2 columns/)
  })
})
