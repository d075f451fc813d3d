/** Offsets as the entries of the offsets topic. The key of a partition object is rendered once. */
import type { OffsetEntry } from '#broker'
import type { OffsetMap, SourceOffset } from '#data'
import { offsetKeyText, offsetText } from '../offset-json.ts'

/** One entry per source partition: of several objects that describe the same one, the last counts. */
export function offsetRenderer(connector: string): (offsets: readonly SourceOffset[]) => OffsetEntry[] {
  const keys = new WeakMap<OffsetMap, string>()
  const keyOf = (partition: OffsetMap): string => {
    const known = keys.get(partition)
    if (known !== undefined) return known
    const text = offsetKeyText(connector, partition)
    keys.set(partition, text)
    return text
  }
  return (offsets) => {
    const newest = new Map<string, SourceOffset>()
    for (const offset of offsets) newest.set(keyOf(offset.partition), offset)
    return [...newest].map(([key, offset]) => {
      const map = offset.offset()
      return { key: Buffer.from(key), value: map === null ? null : Buffer.from(offsetText(map)) }
    })
  }
}
