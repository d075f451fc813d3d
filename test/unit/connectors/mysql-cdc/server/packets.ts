/** Packets as a server sends them. */

const LARGEST_PART = 0xffffff

export function packet(body: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0, number = 0; ; at += LARGEST_PART, number++) {
    const part = body.subarray(at, at + LARGEST_PART)
    const header = Buffer.alloc(4)
    header.writeUIntLE(part.length, 0, 3)
    header[3] = number & 255
    parts.push(header, part)
    if (part.length < LARGEST_PART) return Buffer.concat(parts)
  }
}

export const eof = packet(Buffer.from([0xfe, 0, 0, 2, 0]))

export function errorPacket(errno: number, state: string, message: string): Buffer {
  const head = Buffer.from([0xff, errno & 255, errno >> 8])
  return packet(Buffer.concat([head, Buffer.from(`#${state}${message}`)]))
}

/** Up to the first row. */
export function resultHead(columns: number): Buffer {
  const definitions = Array.from({ length: columns }, (_, i) => packet(Buffer.from(`def column ${i}`)))
  const count = columns < 251 ? [columns] : [0xfc, columns & 255, columns >> 8]
  return Buffer.concat([packet(Buffer.from(count)), ...definitions, eof])
}

export function rowPacket(values: readonly (Buffer | string | null)[]): Buffer {
  const cells = values.flatMap((value) => {
    if (value === null) return [Buffer.from([0xfb])]
    const bytes = typeof value === 'string' ? Buffer.from(value) : value
    return [lengthOf(bytes.length), bytes]
  })
  return packet(Buffer.concat(cells))
}

function lengthOf(length: number): Buffer {
  if (length < 0xfb) return Buffer.from([length])
  const bytes = Buffer.alloc(9)
  bytes.writeBigUInt64LE(BigInt(length), 1)
  const width = length < 0x10000 ? 2 : length < 0x1000000 ? 3 : 8
  bytes[0] = width === 2 ? 0xfc : width === 3 ? 0xfd : 0xfe
  return bytes.subarray(0, 1 + width)
}
