/** What stands for a value that the log does not carry. */
import { ConfigError } from '#errors'

/** `unavailable.value.placeholder`: a text, or bytes after `hex:`. */
export function placeholderBytes(value: string): Uint8Array {
  if (!value.startsWith('hex:')) return Buffer.from(value)
  const hex = value.slice(4).replaceAll(' ', '')
  if (hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex))
    throw new ConfigError(
      'Invalid value for configuration unavailable.value.placeholder: not hexadecimal digits in pairs after hex:.',
    )
  return Buffer.from(hex, 'hex')
}
