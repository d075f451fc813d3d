/** Broken statements: each is read, or refused with a DecodeError; none takes long. */
import { expect, it } from 'vitest'
import {
  applyStatements,
  Catalog,
  mariadbDialect,
  mysqlDialect,
  parseDdl,
} from '../../../../../connectors/mysql-cdc/ddl/index.ts'
import { DecodeError } from '../../../../../src/errors.ts'
import { random } from '../../../../support/ddl/random.ts'
import { statement } from '../../../../support/ddl/random-ddl.ts'
import { scripts } from '../../../../support/ddl/written-ddl.ts'

const rounds = 4000
const shards = [
  '(',
  ')',
  ',',
  "'",
  '"',
  '`',
  '/*',
  '*/',
  '/*!',
  '--',
  ' ',
  ';',
  '\\',
  'COLUMN',
  '0x',
  '.',
  '@',
  '=',
  '\0',
  '€',
]

it(`refuses broken statements by a DecodeError (${rounds})`, () => {
  const numbers = random(20260101)
  const written = scripts.flatMap(({ statements }) => statements)
  const catalog = new Catalog()
  const refused = { count: 0 }
  for (let round = 0; round < rounds; round++) {
    const server = numbers.pick(['mysql', 'mariadb'] as const)
    const whole = numbers.chance(50)
      ? numbers.pick(written)
      : statement(numbers, server, new Map([['t', ['a', 'b']]]))
    const sql = broken(whole)
    const dialect = server === 'mysql' ? mysqlDialect : mariadbDialect
    try {
      const context = { server, database: 'd', serverCharset: null, implicitTimestamps: false }
      applyStatements(catalog, parseDdl(sql, dialect), context)
    } catch (error) {
      if (!(error instanceof DecodeError))
        throw new Error(`${JSON.stringify(sql)} ends in ${error}`, { cause: error })
      refused.count++
    }
  }
  expect(refused.count).toBeGreaterThan(rounds / 10)
  expect(refused.count).toBeLessThan(rounds)

  function broken(sql: string): string {
    const at = numbers.below(sql.length + 1)
    switch (numbers.below(4)) {
      case 0:
        return sql.slice(0, at)
      case 1:
        return sql.slice(0, at) + numbers.pick(shards) + sql.slice(at)
      case 2:
        return sql.slice(0, at) + sql.slice(at + 1 + numbers.below(8))
      default:
        return sql.slice(0, at) + numbers.pick(written).slice(numbers.below(20))
    }
  }
})

it('reads nests and repetitions in time that grows with their length', () => {
  const deep = `CREATE TABLE t (a INT DEFAULT ${'('.repeat(50_000)}1${')'.repeat(50_000)})`
  expect(parseDdl(deep, mysqlDialect)[0]?.kind).toBe('create-table')
  const wide = `CREATE TABLE t (${Array.from({ length: 4000 }, (_, i) => `c${i} INT COMMENT "x"`).join(', ')})`
  expect(parseDdl(wide, mysqlDialect)[0]?.kind).toBe('create-table')
  expect(() => parseDdl(`CREATE TABLE t (a INT DEFAULT "${'\\"'.repeat(50_000)}`, mysqlDialect)).toThrow(
    DecodeError,
  )
})
