/**
 * Rows before they are values: a chunk of log bytes, and where each cell of each row begins and ends. A row is an
 * index `at` into `cells`: column i of the log's row is `bytes[cells[at + 2i], cells[at + 2i + 1])`. A chunk owns its
 * bytes, so a record may outlive the read it came from; it is freed with its last record.
 */
export interface CellChunk {
  readonly bytes: Buffer
  readonly cells: Int32Array
}

/** In place of a cell's range: the value is NULL. */
export const NULL_CELL = -1
/** In place of a cell's range: the log does not carry the value (unchanged TOAST, a partial row image). */
export const UNAVAILABLE_CELL = -2
/** In place of a row: there is none. */
export const NO_ROW = -1
