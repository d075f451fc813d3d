/** Fast text out of bytes: Node's Buffer methods, which beat TextDecoder for the short texts that cells are. */
interface Slices {
  latin1Slice(from: number, to: number): string
  utf8Slice(from: number, to: number): string
}

function slices(bytes: Uint8Array): Slices {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return buffer as unknown as Slices
}

export function latin1(bytes: Uint8Array, from: number, to: number): string {
  return slices(bytes).latin1Slice(from, to)
}

export function utf8(bytes: Uint8Array, from: number, to: number): string {
  return slices(bytes).utf8Slice(from, to)
}
