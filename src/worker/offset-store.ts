/**
 * Source offsets as Connect's offsets topic holds them: key `["CONNECTOR",{partition}]`, value `{offset}`, null: none.
 * Tasks look theirs up by the exact bytes of the key, so a partition that is stored already keeps its bytes when it is
 * altered, in whatever order its keys were typed.
 */
import { logger } from '#observe'
import { isJsonObject, type JsonObject, type JsonValue, jsonText, parseJson } from '#pipeline'
import type { ConnectorOffset } from './herder.ts'
import type { StoreEntry, StoreTable } from './table.ts'

export class OffsetStore implements AsyncDisposable {
  readonly #table: StoreTable

  constructor(table: StoreTable) {
    this.#table = table
  }

  /** What is stored for a connector, in no particular order. */
  async of(connector: string): Promise<readonly ConnectorOffset[]> {
    await this.#table.refresh()
    return this.#stored(connector).map(({ partition, offset }) => ({ partition, offset }))
  }

  /** Durable on return. Of one partition given twice the last counts. */
  async put(connector: string, offsets: readonly ConnectorOffset[]): Promise<void> {
    await this.#table.refresh()
    const keys = new Map(this.#stored(connector).map(({ key, partition }) => [unordered(partition), key]))
    const records = new Map<string, StoreEntry>()
    for (const { partition, offset } of offsets) {
      const key = keys.get(unordered(partition)) ?? jsonText([connector, partition])
      records.set(key, { key, value: offset === null ? null : jsonText(offset) })
    }
    if (records.size > 0) await this.#table.put([...records.values()])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#table[Symbol.asyncDispose]()
  }

  #stored(connector: string): (ConnectorOffset & { readonly key: string })[] {
    const begin = `[${jsonText(connector)},`
    const decoder = new TextDecoder()
    const found: (ConnectorOffset & { readonly key: string })[] = []
    for (const [key, value] of this.#table.entries()) {
      if (!key.startsWith(begin)) continue
      try {
        const parsed = parseJson(key)
        const partition = Array.isArray(parsed) ? (parsed[1] as JsonValue) : null
        const offset = parseJson(decoder.decode(value))
        if (isJsonObject(offset))
          found.push({ key, partition: isJsonObject(partition) ? partition : null, offset })
      } catch (error) {
        logger('worker.offsets').error({ key, err: error }, 'A record of the offsets topic is skipped')
      }
    }
    return found
  }
}

/** The same text for the same members in any order. */
function unordered(partition: JsonObject | null): string {
  return partition === null
    ? 'null'
    : jsonText(Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}
