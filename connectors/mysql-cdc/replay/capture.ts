/** What a replay gives out: of the tables that the connector captures, those that it was asked for. */
import { namePattern } from '#cdc'
import type { TableId } from '../ddl/index.ts'
import { Capture, type CaptureSettings, pathOf } from '../tables/capture.ts'

export class ReplayCapture extends Capture {
  readonly #asked: readonly RegExp[]

  /** `tables`: expressions for `database.table`; empty: all. */
  constructor(settings: CaptureSettings, tables: readonly string[]) {
    super(settings)
    this.#asked = tables.map((each) => namePattern('tables', each))
  }

  override table(id: TableId): boolean {
    const asked = this.#asked
    return super.table(id) && (asked.length === 0 || asked.some((each) => each.test(pathOf(id))))
  }
}
