/** Log sequence numbers: `XXXXXXXX/XXXXXXXX`, two halves in hexadecimal, of one 64-bit position in the log. */
import { DecodeError } from '#errors'

export function parseLsn(text: string): bigint {
  const match = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text)
  if (match === null) throw new DecodeError(`'${text}' is not a log position: it has the form 16/B374D848.`)
  return (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`)
}

export function formatLsn(lsn: bigint): string {
  const half = (value: bigint) => value.toString(16).toUpperCase()
  return `${half(lsn >> 32n)}/${half(lsn & 0xffffffffn)}`
}
