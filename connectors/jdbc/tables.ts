/** The target tables of one task, each with its buffer, found by the name that a record leads to. */
import type { SqlClient, TableName } from '#sql'
import { TableBuffer } from './buffer.ts'
import { dialectOf } from './dialects/index.ts'
import type { Dialect, Flavour, WriteMode } from './dialects/dialect.ts'
import { type Evolution, TargetTable } from './target-table.ts'

export interface TableSettings {
  readonly flavour: Flavour
  readonly evolution: Evolution
  readonly mode: Exclude<WriteMode, 'delete'>
  readonly reduce: boolean
  /** Whether names keep their case, as quoted ones do; else the database folds them. */
  readonly quoted: boolean
}

export class Tables {
  readonly #settings: TableSettings
  readonly #buffers = new Map<string, TableBuffer>()

  constructor(settings: TableSettings) {
    this.#settings = settings
  }

  /** In the order in which the tables were first met. */
  all(): IterableIterator<TableBuffer> {
    return this.#buffers.values()
  }

  dialect(client: SqlClient): Dialect {
    return dialectOf(client.engine)
  }

  buffer(client: SqlClient, name: TableName, nameQuoted: boolean): TableBuffer {
    const { flavour, evolution, mode, reduce, quoted } = this.#settings
    const dialect = this.dialect(client)
    const fold = (identifier: string): string => (quoted ? identifier : dialect.fold(identifier))
    const target: TableName =
      quoted || nameQuoted
        ? name
        : { schema: name.schema === null ? null : dialect.fold(name.schema), table: dialect.fold(name.table) }
    const key = JSON.stringify([target.schema, target.table])
    let buffer = this.#buffers.get(key)
    if (buffer === undefined) {
      buffer = new TableBuffer(new TargetTable(target, dialect, flavour, evolution, fold), mode, reduce)
      this.#buffers.set(key, buffer)
    }
    return buffer
  }

  /** Drops what waits and forgets the tables' definitions: the batch comes again. */
  reset(): void {
    for (const buffer of this.#buffers.values()) {
      buffer.take()
      buffer.target.forget()
    }
  }
}
