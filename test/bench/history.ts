/**
 * Recovery of a schema history, as a restart does it: records as the file and the topic keep them, read and applied to
 * the catalog. Goal: 100,000 records in 5 s at most.
 *   npm run bench -- history [--records 100000] [--ddl]
 * `--ddl`: out of the statements (schema.history.internal.prefer.ddl) instead of what they made of the tables.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { FileHistoryStore } from '../../connectors/mysql-cdc/history/file-store.ts'
import { schemaStage } from '../unit/connectors/mysql-cdc/tables/schema-stage.ts'

const { values } = parseArgs({
  options: { records: { type: 'string', default: '100000' }, ddl: { type: 'boolean', default: false } },
})
const records = Number(values.records)
/** A thousand tables, which are altered over and over. */
const tables = Math.min(1000, records)

function statement(i: number): string {
  const table = `t${i % tables}`
  if (i < tables)
    return `CREATE TABLE ${table} (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer BIGINT NOT NULL, name VARCHAR(64) NOT NULL DEFAULT 'nobody', note VARCHAR(128), amount DECIMAL(12,2), paid BOOLEAN, created DATETIME(6), updated TIMESTAMP NULL, doc JSON)`
  const name = Math.floor(i / tables) % 10
  return i % 2 === 0
    ? `ALTER TABLE ${table} MODIFY COLUMN note VARCHAR(${100 + name}) NULL`
    : `ALTER TABLE ${table} ALTER COLUMN name SET DEFAULT 'nobody ${name}'`
}

const directory = mkdtempSync(join(tmpdir(), 'rowtap-history-'))
try {
  const store = new FileHistoryStore(join(directory, 'history'))
  const { keeper } = schemaStage({ store })
  for (let i = 0; i < records; i += 500) {
    const count = Math.min(500, records - i)
    const statements = Array.from({ length: count }, (_, j) => ({ database: 'shop', ddl: statement(i + j) }))
    await keeper.snapshot(statements, { file: 'binlog.000001', pos: i }, 0)
  }
  const stage = schemaStage({ store, prefersDdl: values.ddl })
  const began = performance.now()
  await stage.keeper.recover(null)
  const seconds = (performance.now() - began) / 1000
  const found = [...stage.keeper.catalog.tables()].length
  if (found !== tables) throw new Error(`${found} tables were recovered of ${tables}`)
  process.stdout.write(`${JSON.stringify({ records, tables, seconds: Number(seconds.toFixed(2)) })}\n`)
} finally {
  rmSync(directory, { recursive: true })
}
