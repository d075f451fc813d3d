/**
 * DataViews of the few buffers that text comes from: a chunk of rows, and the scratch buffers of those who print into
 * one first. Making a view costs more than copying most texts.
 */
import { viewOf } from './byte-buffer.ts'

const kept = 4

export class RecentViews {
  readonly #buffers: Uint8Array[] = []
  readonly #views: DataView[] = []
  #next = 0
  #last: Uint8Array | null = null
  #lastView: DataView | null = null

  of(bytes: Uint8Array): DataView {
    if (bytes !== this.#last) {
      this.#lastView = this.#find(bytes)
      this.#last = bytes
    }
    return this.#lastView as DataView
  }

  #find(bytes: Uint8Array): DataView {
    const buffers = this.#buffers
    for (let i = 0; i < buffers.length; i++) if (buffers[i] === bytes) return this.#views[i] as DataView
    const view = viewOf(bytes)
    buffers[this.#next] = bytes
    this.#views[this.#next] = view
    this.#next = (this.#next + 1) % kept
    return view
  }
}
