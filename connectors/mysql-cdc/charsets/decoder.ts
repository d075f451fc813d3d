/**
 * Text in each of the servers' character sets. What is ASCII, as most text is in most of them, is passed on as it is;
 * so is UTF-8. Single-byte sets go through tables of the servers' own (single-byte.ts), those of several bytes through
 * the engine's decoders, with the few characters put right that the servers convert differently.
 */
import { utf8 } from '#bytes'
import type { ValueWriter } from '#data'
import { ConfigError } from '#errors'
import { koreanText } from './korean.ts'
import { swe7, upperHalves } from './single-byte.ts'

export interface CharsetDecoder {
  /** Pushes `bytes[from, to)` as one text. */
  write(bytes: Uint8Array, from: number, to: number, writer: ValueWriter): void
  text(bytes: Uint8Array, from: number, to: number): string
}

const utf8Decoder: CharsetDecoder = {
  write: (bytes, from, to, writer) => writer.text(bytes, from, to),
  text: utf8,
}

/** Labels of the engine's decoders. */
const engineLabels: Readonly<Record<string, string>> = {
  big5: 'big5',
  gbk: 'gbk',
  gb2312: 'gbk',
  gb18030: 'gb18030',
  sjis: 'shift_jis',
  cp932: 'shift_jis',
  ujis: 'euc-jp',
  eucjpms: 'euc-jp',
  ucs2: 'utf-16be',
  utf16: 'utf-16be',
  utf16le: 'utf-16le',
}

const japanese = ['＼～∥－￠￡￢', '\\〜‖−¢£¬'] as const
/** Characters of the engine's decoders, and those that the servers have in their place. */
const corrections: Readonly<Record<string, readonly [from: string, to: string]>> = {
  big5: ['‧﹑¯～⊕⊙∕﹨￥￠￡', '•､‾∼♁☉／＼¥¢£'],
  gb2312: ['·—', '・―'],
  sjis: japanese,
  ujis: japanese,
}

const known = new Map<string, CharsetDecoder>([
  ['utf8mb4', utf8Decoder],
  ['utf8mb3', utf8Decoder],
  ['utf8', utf8Decoder],
  // Bytes in place of text are announced as such; where they are text after all, it is the clients' UTF-8.
  ['binary', utf8Decoder],
])

/** By the name that the servers give it, in lower case. One that is not known is refused by name. */
export function decoderOf(charset: string): CharsetDecoder {
  let decoder = known.get(charset)
  if (decoder === undefined) {
    decoder = makeDecoder(charset)
    known.set(charset, decoder)
  }
  return decoder
}

function makeDecoder(charset: string): CharsetDecoder {
  const upper = upperHalves[charset]
  if (upper !== undefined) return singleByte(charset, upper)
  if (charset === 'utf32') return { write: writeString(utf32Text), text: utf32Text }
  if (charset === 'euckr') return withAscii((bytes, from, to) => koreanText(bytes.subarray(from, to)))
  const label = engineLabels[charset]
  if (label === undefined)
    throw new ConfigError(`The character set ${charset} is not known.`, {
      remedy: 'Leave its columns out with column.exclude.list, or convert them to utf8mb4.',
    })
  const text = engineText(label, corrections[charset])
  return label.startsWith('utf-16') ? { write: writeString(text), text } : withAscii(text)
}

type TextOf = CharsetDecoder['text']

function writeString(text: TextOf): CharsetDecoder['write'] {
  return (bytes, from, to, writer) => writer.string(text(bytes, from, to))
}

/** For sets in which bytes below 0x80 that stand alone are ASCII. */
function withAscii(text: TextOf): CharsetDecoder {
  return {
    text,
    write: (bytes, from, to, writer) => {
      if (isAscii(bytes, from, to)) writer.text(bytes, from, to)
      else writer.string(text(bytes, from, to))
    },
  }
}

function isAscii(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((bytes[i] as number) >= 0x80) return false
  return true
}

function engineText(label: string, correction: readonly [string, string] | undefined): TextOf {
  const decoder = new TextDecoder(label, { ignoreBOM: true })
  const decode: TextOf = (bytes, from, to) => decoder.decode(bytes.subarray(from, to))
  if (correction === undefined) return decode
  const [wrong, right] = [[...correction[0]], [...correction[1]]]
  const pattern = new RegExp(`[${correction[0]}]`, 'g')
  return (bytes, from, to) =>
    decode(bytes, from, to).replaceAll(pattern, (found) => right[wrong.indexOf(found)] as string)
}

const utf32Text: TextOf = (bytes, from, to) => {
  let text = ''
  for (let at = from; at + 4 <= to; at += 4) {
    const point =
      ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
    text += point <= 0x10ffff && bytes[at] === 0 ? String.fromCodePoint(point) : '\ufffd'
  }
  return text
}

let scratch = Buffer.alloc(1024)

/** Up to three bytes of UTF-8 for each byte. */
function singleByte(charset: string, upper: string): CharsetDecoder {
  const characters = Array.from({ length: 256 }, (_, byte) => {
    if (byte >= 0x80) return upper[byte - 0x80] as string
    return (charset === 'swe7' ? swe7[byte] : undefined) ?? String.fromCharCode(byte)
  })
  const plain = (byte: number) => characters[byte]?.charCodeAt(0) === byte && byte < 0x80
  const isPlain = Uint8Array.from({ length: 256 }, (_, byte) => (plain(byte) ? 1 : 0))
  const encoded = characters.map((character) => Buffer.from(character))
  const text: TextOf = (bytes, from, to) => {
    let found = ''
    for (let i = from; i < to; i++) found += characters[bytes[i] as number]
    return found
  }
  const write: CharsetDecoder['write'] = (bytes, from, to, writer) => {
    let at = from
    while (at < to && isPlain[bytes[at] as number] === 1) at++
    if (at === to) return writer.text(bytes, from, to)
    if (scratch.length < (to - from) * 3) scratch = Buffer.alloc((to - from) * 6)
    const out = scratch
    let end = 0
    for (let i = from; i < to; i++) {
      const byte = bytes[i] as number
      if (isPlain[byte] === 1) out[end++] = byte
      else {
        const character = encoded[byte] as Buffer
        for (let k = 0; k < character.length; k++) out[end++] = character[k] as number
      }
    }
    writer.text(out, 0, end)
  }
  return { write, text }
}
