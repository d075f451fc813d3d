/**
 * The order in which Java's `HashMap` lists its entries: by bucket, and in each by insertion; the table of buckets
 * doubles when it is more than three quarters full.
 */

/** `capacity`: the table's first size, a power of two. */
export function hashOrder<T>(entries: readonly T[], hashOf: (entry: T) => number, capacity: number): T[] {
  let buckets = capacity
  while (entries.length > buckets * 0.75) buckets *= 2
  return entries
    .map((entry) => {
      const hash = hashOf(entry)
      return { entry, bucket: (hash ^ (hash >>> 16)) & (buckets - 1) }
    })
    .sort((a, b) => a.bucket - b.bucket)
    .map(({ entry }) => entry)
}

/** Java's `String.hashCode`. */
export function textHash(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}
