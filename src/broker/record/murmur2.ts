/** Kafka's default partitioner: murmur2 of the key, so that keys keep their partition whoever writes them. */

const multiplier = 0x5bd1e995
const seed = 0x9747b28c

/** The 32-bit murmur2 of `bytes[from, to)`, signed as Java's. */
export function murmur2(bytes: Uint8Array, from = 0, to = bytes.length): number {
  const length = to - from
  let hash = seed ^ length
  let at = from
  for (const end = from + (length & ~3); at < end; at += 4) {
    let word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    word = Math.imul(word, multiplier)
    word ^= word >>> 24
    hash = Math.imul(hash, multiplier) ^ Math.imul(word, multiplier)
  }
  const left = to - at
  if (left > 2) hash ^= (bytes[at + 2] as number) << 16
  if (left > 1) hash ^= (bytes[at + 1] as number) << 8
  if (left > 0) hash = Math.imul(hash ^ (bytes[at] as number), multiplier)
  hash = Math.imul(hash ^ (hash >>> 13), multiplier)
  return hash ^ (hash >>> 15)
}

/** The partition of a key among `count`. */
export function partitionOf(key: Uint8Array, length: number, count: number): number {
  return (murmur2(key, 0, length) & 0x7fffffff) % count
}
