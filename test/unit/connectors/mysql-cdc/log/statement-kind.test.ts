import { expect, test } from 'vitest'
import { statementKind } from '../../../../../connectors/mysql-cdc/log/statement-kind.ts'

test.each([
  '/*Main loop*/ INSERT INTO t VALUES (1)',
  '/**/ UPDATE t SET a = 1',
  '/***/DELETE FROM t',
  'WITH c AS (SELECT 1) UPDATE t, c SET t.a = 1',
  'SELECT `d`.`f`(1)',
])('changes rows as a statement: %s', (sql) => {
  expect(statementKind(sql)).toBe('rows')
})

test.each([
  '/*!40000 ALTER TABLE t DISABLE KEYS */',
  '/*M!100100 CREATE TABLE t (a INT) */',
  'CREATE TABLE t (a INT)',
])('may shape tables: %s', (sql) => {
  expect(statementKind(sql)).toBe('definition')
})
