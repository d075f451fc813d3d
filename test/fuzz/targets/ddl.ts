/** Statements that servers took, written by hand or made at random; broken, and applied one after the other. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import {
  applyStatements,
  Catalog,
  mariadbDialect,
  mysqlDialect,
  parseDdl,
} from '../../../connectors/mysql-cdc/ddl/index.ts'
import type { Episode } from '../../support/ddl/capture.ts'
import type { Random } from '../../support/ddl/random.ts'
import { statement } from '../../support/ddl/random-ddl.ts'
import { scripts } from '../../support/ddl/written-ddl.ts'
import { ConnectError } from '#errors'
import type { FuzzTarget } from '../target.ts'

const shards = [
  ...[
    '(',
    ')',
    ',',
    "'",
    '"',
    '`',
    '/*',
    '*/',
    '/*!',
    '/*M!',
    '/*!99999',
    '--',
    '-- ',
    '#',
    ' ',
    ';',
    '\\',
    '\n',
  ],
  ...[
    'COLUMN',
    'TABLE',
    'CREATE',
    'ALTER',
    'DROP',
    'RENAME',
    'LIKE',
    'AS',
    'SELECT',
    'FIRST',
    'AFTER',
    'KEY',
    'IF',
  ],
  ...[
    'ENUM(',
    'SET(',
    'CHECK (',
    'DEFAULT',
    'DEFAULT (',
    'GENERATED ALWAYS AS (',
    'PARTITION BY',
    'COMMENT',
    'TO',
  ],
  ...['0x', "b'", "x'", "N'", '_utf8', '.', '@', '=', '\0', '€', '😀', '1e9', '99999999999999999999', '-1'],
]

let read: readonly string[] | null = null
function corpus(): readonly string[] {
  read ??= [
    ...scripts.flatMap(({ statements }) => statements),
    ...['mysql', 'mariadb'].flatMap((server) => {
      const file = new URL(`../../golden/ddl/${server}.jsonl.gz`, import.meta.url)
      const episodes = gunzipSync(readFileSync(file)).toString().trim().split('\n')
      return episodes.flatMap((line) => (JSON.parse(line) as Episode).steps.map(({ sql }) => sql))
    }),
  ]
  return read
}

const tokenForm = /`(?:[^`]|``)*`|'(?:[^'\\]|\\.|'')*'|\w+|\s+|[^\w\s]/gsu

function broken(sql: string, numbers: Random): string {
  const at = numbers.below(sql.length + 1)
  const tokens = sql.match(tokenForm) ?? []
  const place = numbers.below(tokens.length + 1)
  switch (numbers.below(9)) {
    case 0:
      return sql.slice(0, at)
    case 1:
      return sql.slice(0, at) + numbers.pick(shards) + sql.slice(at)
    case 2:
      return sql.slice(0, at) + sql.slice(at + 1 + numbers.below(8))
    case 3:
      return sql.slice(0, at) + numbers.pick(corpus()).slice(numbers.below(20))
    case 4:
      return tokens.toSpliced(place, 1 + numbers.below(3)).join('')
    case 5:
      return tokens.toSpliced(place, 0, ` ${numbers.pick(shards)} `).join('')
    case 6:
      return tokens
        .toSpliced(place, 0, ...tokens.slice(numbers.below(tokens.length + 1)).slice(0, 12))
        .join('')
    case 7: {
      const other = numbers.pick(corpus()).match(tokenForm) ?? []
      const from = numbers.below(other.length + 1)
      return tokens
        .toSpliced(place, numbers.below(4), ...other.slice(from, from + 1 + numbers.below(12)))
        .join('')
    }
    default: {
      // What is repeated often shows what takes more than linear time.
      const token = numbers.pick([...shards, ...tokens.filter(({ length }) => length < 100)])
      return tokens.toSpliced(place, 0, token.repeat(1 + numbers.below(20_000))).join('')
    }
  }
}

/** Milliseconds that a statement of the length may take, on a busy machine. */
const patience = ({ length }: string): number => 1000 + length / 20

export const ddl: FuzzTarget = {
  name: 'ddl',
  input(numbers) {
    const server = numbers.pick(['mysql', 'mariadb'] as const)
    const statements = Array.from({ length: 1 + numbers.below(4) }, () => {
      let sql = numbers.chance(60)
        ? numbers.pick(corpus())
        : statement(numbers, server, new Map([['t', ['a', 'b']]]))
      for (let i = numbers.below(3); i > 0; i--) sql = broken(sql, numbers)
      return sql
    })
    return Buffer.from(
      JSON.stringify({ server, statements: ['CREATE TABLE t (a INT, b INT)', ...statements] }),
    )
  },
  read(input) {
    const { server, statements } = JSON.parse(input.toString()) as {
      server: 'mysql' | 'mariadb'
      statements: string[]
    }
    const dialect = server === 'mysql' ? mysqlDialect : mariadbDialect
    const catalog = new Catalog()
    const context = { server, database: 'd', serverCharset: null, implicitTimestamps: false }
    let refused: ConnectError | null = null
    for (const sql of statements) {
      const begin = performance.now()
      try {
        applyStatements(catalog, parseDdl(sql, dialect), context)
      } catch (error) {
        if (!(error instanceof ConnectError)) throw error
        refused = error
      }
      const ms = performance.now() - begin
      if (ms > patience(sql)) throw new Error(`${sql.length} characters took ${ms} ms: ${sql.slice(0, 200)}`)
    }
    if (refused !== null) throw refused
  },
}
