/**
 * The order in which a Java HashMap lists text keys: some answers of Connect (the section of a converter's settings)
 * come in it, and clients see it.
 */

/** Java's `String.hashCode`. */
export function javaHash(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}

/**
 * The keys in the order of a HashMap that they were put into one by one, or that was made as a copy of another map
 * (then it is only as large as those of the other, `copied` many, needed).
 */
export function hashMapOrder(keys: readonly string[], copied: number | null = null): string[] {
  let size = copied === null ? 16 : 1
  while (copied !== null && size < copied / 0.75 + 1) size *= 2
  while (keys.length > size * 0.75) size *= 2
  const bucket = (key: string) => {
    const hash = javaHash(key)
    return (hash ^ (hash >>> 16)) & (size - 1)
  }
  return keys
    .map((key, index) => ({ key, index, bucket: bucket(key) }))
    .sort((a, b) => a.bucket - b.bucket || a.index - b.index)
    .map(({ key }) => key)
}
