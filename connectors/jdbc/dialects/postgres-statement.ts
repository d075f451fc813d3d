/**
 * SQL for PostgreSQL. For a batch, column n is parameter n, an array:
 *
 *   insert, upsert   INSERT INTO t(k,v) SELECT c1,c2 FROM unnest($1::int4[],$2::text[]) AS r(c1,c2) [ON CONFLICT …]
 *   update           UPDATE t AS t SET v=r.c2 FROM unnest(…) AS r(c1,c2) WHERE t.k=r.c1
 *   delete           DELETE FROM t AS t USING unnest(…) AS r(c1) WHERE t.k=r.c1
 *
 * For single rows the parameters are values. Texts take the column's type without its length, so that a text that is
 * too long is an error and not cut.
 */
import type { SqlClient } from '#sql'
import { semanticOf } from '../semantic.ts'
import type { Batch, TargetColumn } from './dialect.ts'

export interface PostgresStatement {
  readonly sql: string
  /** By column: elements that can stand in an array literal without quotes. */
  readonly plain: readonly boolean[]
}

const integerTypes = /^(smallint|integer|bigint|oid)$/
const bareTypes = /^(smallint|integer|bigint|oid|real|double precision|numeric|boolean|date|uuid)$/

/** The type of a parameter. Numbers keep their own where the column's is an integer: the database rounds, as by JDBC. */
function parameterType(column: TargetColumn): string {
  const { kind } = semanticOf(column.wanted.schema, 'debezium')
  if (integerTypes.test(column.base)) {
    if (kind === 'decimal' || kind === 'variable-decimal') return 'numeric'
    if (kind === 'float') return 'double precision'
  }
  return column.base
}

export function batchStatement(client: SqlClient, table: string, batch: Batch): PostgresStatement {
  const types = batch.columns.map(parameterType)
  // An array of arrays would be unnested to its innermost values: such columns travel as texts.
  const arrays = types.map((type) => type.endsWith('[]'))
  const parameters = types.map((type, i) => `$${i + 1}::${arrays[i] === true ? 'text' : type}[]`)
  const names = batch.columns.map((_, i) => `c${i + 1}`)
  const values = names.map((name, i) => (arrays[i] === true ? `${name}::${types[i]}` : name))
  const source = `unnest(${parameters.join(',')}) AS r(${names.join(',')})`
  const plain = types.map((type) => bareTypes.test(type))
  const keys = batch.columns.slice(0, batch.keys)
  const matches = keys.map((column, i) => `t.${client.quote(column.name)}=r.${names[i]}`).join(' AND ')
  switch (batch.mode) {
    case 'delete':
      return { sql: `DELETE FROM ${table} AS t USING ${source} WHERE ${matches}`, plain }
    case 'update': {
      const sets = batch.columns
        .map(
          (column, i) =>
            `${client.quote(column.name)}=${arrays[i] === true ? `r.${values[i]}` : `r.${names[i]}`}`,
        )
        .slice(batch.keys)
      const where = batch.keys === 0 ? '' : ` WHERE ${matches}`
      return { sql: `UPDATE ${table} AS t SET ${sets.join(',')} FROM ${source}${where}`, plain }
    }
    default:
      return {
        sql: `${insertInto(client, table, batch)} SELECT ${values.join(',')} FROM ${source}${conflict(client, batch)}`,
        plain,
      }
  }
}

export function rowStatement(client: SqlClient, table: string, batch: Batch): PostgresStatement {
  const values = batch.columns.map((column, i) => `$${i + 1}::${parameterType(column)}`)
  const terms = batch.columns.map((column, i) => `${client.quote(column.name)}=${values[i]}`)
  const where = terms.slice(0, batch.keys).join(' AND ')
  const plain = batch.columns.map(() => false)
  if (batch.mode === 'update')
    return {
      sql: `UPDATE ${table} SET ${terms.slice(batch.keys).join(',')}${where === '' ? '' : ` WHERE ${where}`}`,
      plain,
    }
  if (batch.mode === 'delete') return { sql: `DELETE FROM ${table} WHERE ${where}`, plain }
  return {
    sql: `${insertInto(client, table, batch)} VALUES (${values.join(',')})${conflict(client, batch)}`,
    plain,
  }
}

function insertInto(client: SqlClient, table: string, batch: Batch): string {
  const names = batch.columns.map((column) => client.quote(column.name)).join(',')
  const identity = batch.table.columns.some(
    (column) => column.alwaysIdentity && batch.columns.some((each) => each.name === column.name),
  )
  return `INSERT INTO ${table}(${names})${identity ? ' OVERRIDING SYSTEM VALUE' : ''}`
}

function conflict(client: SqlClient, batch: Batch): string {
  if (batch.mode !== 'upsert') return ''
  const names = batch.columns.map((column) => client.quote(column.name))
  const sets = names.slice(batch.keys).map((name) => `${name}=EXCLUDED.${name}`)
  const target = ` ON CONFLICT (${names.slice(0, batch.keys).join(',')})`
  return sets.length === 0 ? `${target} DO NOTHING` : `${target} DO UPDATE SET ${sets.join(',')}`
}

const exactTypes =
  /^(smallint|integer|bigint|oid|boolean|date|uuid|text|character varying|bytea|time without time zone|timestamp without time zone|timestamp with time zone)$/

/** Whether two keys that the database holds equal always have equal cells. */
export function hasExactKeys(batch: Batch): boolean {
  return batch.columns.slice(0, batch.keys).every((column) => {
    const { kind } = semanticOf(column.wanted.schema, 'debezium')
    // A decimal of one schema has one scale, so equal numbers have equal texts.
    if (column.base === 'numeric') return kind === 'decimal' || kind === 'int'
    if (column.base === 'uuid') return kind === 'uuid'
    const fromText = kind === 'text' || kind === 'enum' || kind === 'set'
    return exactTypes.test(column.base) && (!fromText || /^(text|character varying)$/.test(column.base))
  })
}
