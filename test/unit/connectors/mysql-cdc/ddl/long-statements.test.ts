/** Statements that would take long if each part were read more than once. */
import { expect, it } from 'vitest'
import { mysqlDialect, parseDdl } from '../../../../../connectors/mysql-cdc/ddl/index.ts'
import { DecodeError } from '../../../../../src/errors.ts'

it('reads nests and repetitions in time that grows with their length', () => {
  const deep = `CREATE TABLE t (a INT DEFAULT ${'('.repeat(50_000)}1${')'.repeat(50_000)})`
  expect(parseDdl(deep, mysqlDialect)[0]?.kind).toBe('create-table')
  const wide = `CREATE TABLE t (${Array.from({ length: 4000 }, (_, i) => `c${i} INT COMMENT "x"`).join(', ')})`
  expect(parseDdl(wide, mysqlDialect)[0]?.kind).toBe('create-table')
  expect(() => parseDdl(`CREATE TABLE t (a INT DEFAULT "${'\\"'.repeat(50_000)}`, mysqlDialect)).toThrow(
    DecodeError,
  )
})
