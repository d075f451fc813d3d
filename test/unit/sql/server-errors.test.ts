import { expect, test } from 'vitest'
import { mysqlError, postgresError } from '../../../src/sql/server-errors.ts'

const place = 'the server'
const fromPostgres = (code: string, message: string, more: object = {}) =>
  postgresError(Object.assign(new Error(message), { severity: 'ERROR', code, ...more }), place)
const fromMysql = (errno: number, sqlState: string, sqlMessage: string) =>
  mysqlError(Object.assign(new Error(sqlMessage), { errno, sqlState, sqlMessage }), 'mysql', place)

test.each([
  ['22P02', 'invalid input syntax for type integer: "se"cret"', 'value', false],
  ['22003', 'value "secret" is out of range for type integer', 'value', false],
  ['23505', 'duplicate key value violates unique constraint "t_pkey"', 'unique', false],
  ['40P01', 'deadlock detected', 'contention', true],
  ['57P01', 'terminating connection due to administrator command', 'connection', true],
  ['53300', 'sorry, too many clients already', 'resources', true],
  ['28P01', 'password authentication failed for user "x"', 'login', false],
  ['42P01', 'relation "t" does not exist', 'missing-table', false],
])('PostgreSQL %s', (code, message, kind, retriable) => {
  const error = fromPostgres(code, message, { detail: 'Key (id)=(secret) already exists.' })
  expect([error.facts.kind, error.retriable, error.facts.sqlState]).toEqual([kind, retriable, code])
  expect(error.message).not.toContain('secret')
})

test.each([
  [1062, '23000', "Duplicate entry 'secret' for key 't.PRIMARY'", 'unique', false, null],
  [1366, '22007', "Incorrect integer value: 'secret' for column 'n' at row 1", 'value', false, 'n'],
  [1292, '22007', "Incorrect datetime value: 'secret' for column `d`.`t`.`n` at row 1", 'value', false, 'n'],
  [1406, '22001', "Data too long for column 'n' at row 1", 'value', false, 'n'],
  [
    1064,
    '42000',
    "You have an error in your SQL syntax; check near 'secret' at line 1",
    'syntax',
    false,
    null,
  ],
  [
    1213,
    '40001',
    'Deadlock found when trying to get lock; try restarting transaction',
    'contention',
    true,
    null,
  ],
])('MySQL %i', (errno, state, message, kind, retriable, column) => {
  const error = fromMysql(errno, state, message)
  expect([error.facts.kind, error.retriable, error.facts.column]).toEqual([kind, retriable, column])
  expect(error.message).not.toContain('secret')
})

test('a lost socket may come back', () => {
  const error = postgresError(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), place)
  expect([error.facts.kind, error.retriable, error.message]).toEqual([
    'connection',
    true,
    'The connection to the server failed: ECONNRESET.',
  ])
})
