/**
 * The lazy key and value of a change record. Nothing of the row is decoded before a converter's writer or a transform
 * asks; the parts that never change are runs that a wire format encodes once.
 */
import {
  type Datum,
  FieldPattern,
  FixedFields,
  materialize,
  type Schema,
  struct,
  type ValueWriter,
} from '#data'
import { type CellChunk, NO_ROW } from './cells.ts'
import { envelopeSchema, type RowLayout, type TableVersion, writeRow } from './table.ts'
import type { TransactionMark } from './transactions.ts'

export type Operation = 'r' | 'c' | 'u' | 'd' | 't'
export type SnapshotMarker =
  | 'first'
  | 'first_in_data_collection'
  | 'true'
  | 'last_in_data_collection'
  | 'last'
  | 'incremental'

/** What a transaction, or a snapshot, says of the origin of its rows. */
export interface SourceBlock {
  /**
   * Pushes the `source` struct of one row.
   * @param position where in the log the row is: a safe integer whose meaning is the connector's (an LSN, a position)
   * @param snapshot null while streaming
   */
  write(to: ValueWriter, table: TableVersion, position: number, snapshot: SnapshotMarker | null): void
}

const nowhere = struct([], { optional: true })
/** Any envelope's shape: constant runs depend on the names of its fields only. */
const shape = envelopeSchema(nowhere, nowhere, 'Envelope')
const noBefore = new FixedFields(shape, 0, [null])
const noAfter = new FixedFields(shape, 1, [null])
/** What follows `source` outside of counted transactions: no `transaction`, `op`, and the times. */
const operations = patterns((letter) => {
  return new FieldPattern(shape, 3, 2, (numbers) => [null, ...ending(letter, numbers)])
})
/** The same behind a `transaction`. */
const countedOperations = patterns((letter) => {
  return new FieldPattern(shape, 4, 2, (numbers) => ending(letter, numbers))
})

function patterns(of: (letter: Operation) => FieldPattern): Readonly<Record<Operation, FieldPattern>> {
  return { r: of('r'), c: of('c'), u: of('u'), d: of('d'), t: of('t') }
}

/** `op`, and the times by their milliseconds and microseconds. */
function ending(letter: Operation, [millis, micros = 0n]: readonly bigint[]): readonly unknown[] {
  return [letter, millis, micros, micros * 1000n]
}

/** The moment of processing: one per batch, shared by its records. */
export interface ProcessingTime {
  /** Milliseconds and microseconds since 1970. */
  readonly numbers: Float64Array
}

export function processingTime(microseconds: number): ProcessingTime {
  return { numbers: Float64Array.of(Math.floor(microseconds / 1000), microseconds) }
}

/** The value of a change record: Debezium's envelope. */
export class ChangeEvent implements Datum {
  readonly schema: Schema
  readonly table: TableVersion
  readonly operation: Operation
  readonly chunk: CellChunk
  readonly before: number
  readonly after: number
  /** The old image to look into for what the new one does not carry. */
  readonly full: number
  readonly source: SourceBlock
  readonly position: number
  readonly time: ProcessingTime
  /** The event's place in its transaction; null: transactions are not counted. */
  readonly transaction: TransactionMark | null
  /** Set when the record is released: only then is it known whether it is the last. */
  snapshot: SnapshotMarker | null = null

  constructor(
    table: TableVersion,
    operation: Operation,
    chunk: CellChunk,
    before: number,
    after: number,
    source: SourceBlock,
    position: number,
    time: ProcessingTime,
    full: number = before,
    transaction: TransactionMark | null = null,
  ) {
    this.schema = table.envelope
    this.table = table
    this.operation = operation
    this.chunk = chunk
    this.before = before
    this.after = after
    this.full = full
    this.source = source
    this.position = position
    this.time = time
    this.transaction = transaction
  }

  write(to: ValueWriter): void {
    const { table, chunk, before, after, full } = this
    to.beginStruct(this.schema)
    if (before === NO_ROW) to.fixed(noBefore)
    else {
      to.field(0)
      writeRow(table.row, chunk, before, NO_ROW, to)
    }
    if (after === NO_ROW) to.fixed(noAfter)
    else {
      to.field(1)
      writeRow(table.row, chunk, after, full, to)
    }
    to.field(2)
    this.source.write(to, table, this.position, this.snapshot)
    if (this.transaction === null) to.pattern(operations[this.operation], this.time.numbers)
    else {
      to.field(3)
      this.transaction.write(to)
      to.pattern(countedOperations[this.operation], this.time.numbers)
    }
    to.endStruct()
  }

  value(): unknown {
    return materialize(this)
  }
}

/** The key of a change record, over the key columns of one row image. */
export class RowKey implements Datum {
  readonly schema: Schema
  readonly #layout: RowLayout
  readonly #chunk: CellChunk
  readonly #at: number
  readonly #full: number

  /** `full`: the old image to look into for a key column that the new one does not carry; NO_ROW if there is none. */
  constructor(layout: RowLayout, chunk: CellChunk, at: number, full: number = NO_ROW) {
    this.schema = layout.schema
    this.#layout = layout
    this.#chunk = chunk
    this.#at = at
    this.#full = full
  }

  write(to: ValueWriter): void {
    writeRow(this.#layout, this.#chunk, this.#at, this.#full, to)
  }

  value(): unknown {
    return materialize(this)
  }
}
