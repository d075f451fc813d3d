/**
 * A text as Java's object streams write it, which is what the first version of Debezium's hashes digests:
 *
 *   stream := AC ED 00 05 (74 length:uint16 | 7C length:uint64) modified-utf8
 *
 * Modified UTF-8 writes each UTF-16 unit for itself, and U+0000 in two bytes.
 */
export function javaSerializedText(text: string): Buffer {
  const body = modifiedUtf8(text)
  const isLong = body.length > 0xffff
  const header = Buffer.alloc(isLong ? 13 : 7)
  header.writeUInt32BE(0xaced0005, 0)
  header[4] = isLong ? 0x7c : 0x74
  if (isLong) header.writeBigUInt64BE(BigInt(body.length), 5)
  else header.writeUInt16BE(body.length, 5)
  return Buffer.concat([header, body])
}

function modifiedUtf8(text: string): Buffer {
  const out = Buffer.alloc(text.length * 3)
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0 && unit < 0x80) {
      out[at++] = unit
      continue
    }
    if (unit < 0x800) out[at++] = 0xc0 | (unit >> 6)
    else {
      out[at++] = 0xe0 | (unit >> 12)
      out[at++] = 0x80 | ((unit >> 6) & 0x3f)
    }
    out[at++] = 0x80 | (unit & 0x3f)
  }
  return out.subarray(0, at)
}
