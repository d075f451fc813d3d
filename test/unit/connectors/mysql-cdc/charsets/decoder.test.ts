/** Text in each character set, in bytes as a MySQL server converts them. */
import { expect, test } from 'vitest'
import { StructWriter, scalar } from '#data'
import { charsetOfCollation } from '../../../../../connectors/mysql-cdc/charsets/collations.ts'
import { decoderOf } from '../../../../../connectors/mysql-cdc/charsets/decoder.ts'
import { upperHalves } from '../../../../../connectors/mysql-cdc/charsets/single-byte.ts'

function both(charset: string, hex: string): string {
  const bytes = Buffer.from(`ff${hex}ff`, 'hex')
  const writer = new StructWriter(scalar('string'))
  decoderOf(charset).write(bytes, 1, bytes.length - 1, writer)
  expect(writer.result).toBe(decoderOf(charset).text(bytes, 1, bytes.length - 1))
  return writer.result as string
}

test.each([
  ['utf8mb4', 'f09f98802041', '😀 A'],
  ['utf8mb3', 'e697a5', '日'],
  ['latin1', '8081e9ff41', '€\u0081éÿA'],
  ['latin2', 'ae6c75bb6f75e86bfd', 'Žluťoučký'],
  ['latin5', 'deedfe6c6920f0', 'Şíşli ğ'],
  ['latin7', 'd069616ff0', 'Šiaoš'],
  ['greek', 'c5ebebe7eda1', 'Ελληνʽ'],
  ['hebrew', 'f9ece5ed', 'שלום'],
  ['cp1251', 'cff0e8e2e5f2', 'Привет'],
  ['koi8r', 'f0d2c9d7c5d4', 'Привет'],
  ['koi8u', 'a4a6', 'єі'],
  ['cp850', '82858141', 'éàüA'],
  ['cp866', '8fe0a8a2a5e2', 'Привет'],
  ['macroman', '8e8088', 'éÄà'],
  ['swe7', '5b5c5d7b7c7d', 'ÄÖÅäöå'],
  ['tis620', 'a1d2', 'กา'],
  ['armscii8', 'b2b3', 'Աա'],
  ['ascii', '41ff', 'A\ufffd'],
  ['ucs2', '65e5672c8a9e', '日本語'],
  ['utf16', '65e5d83dde00', '日😀'],
  ['utf16le', 'e5653dd800de', '日😀'],
  ['utf32', '000065e50001f600', '日😀'],
  ['utf32', '00110000', '\ufffd'],
  ['sjis', '93fa967b8cea955c5c41', '日本語表\\A'],
  ['sjis', '815f8160', '\\〜'],
  ['cp932', '87408160', '①～'],
  ['ujis', 'c6fccbdca1c0', '日本\\'],
  ['eucjpms', 'c6fcada1', '日①'],
  ['gbk', 'd6d0cec4baba', '中文汉'],
  ['gb2312', 'd6d0a1a4a1aa', '中・―'],
  ['gb18030', 'd6d095328236', '中𠀀'],
  ['big5', 'c163c5e9a4a4a4e5', '繁體中文'],
  ['euckr', 'c7d1b1b9bef0', '한국언'],
  ['euckr', '814182668141a1a1', '갂괽갂　'],
  ['euckr', 'c65241', '힣A'],
  ['euckr', 'a2e6a2e7', '€®'],
])('%s %s is %j', (charset, hex, text) => {
  expect(both(charset, hex)).toBe(text)
})

test('ASCII is ASCII in all sets of single bytes but one', () => {
  const ascii = Buffer.from(Array.from({ length: 128 }, (_, byte) => byte))
  for (const charset of Object.keys(upperHalves)) {
    expect(upperHalves[charset]).toHaveLength(128)
    if (charset !== 'swe7') expect(decoderOf(charset).text(ascii, 0, 128)).toBe(ascii.toString())
  }
})

test('collations by number', () => {
  const numbers = [8, 33, 45, 63, 255, 28, 13, 1270, 2048, 2304, 309]
  expect(numbers.map(charsetOfCollation)).toEqual([
    ...['latin1', 'utf8mb3', 'utf8mb4', 'binary', 'utf8mb4', 'gbk', 'sjis', 'utf8mb4', 'utf8mb3', 'utf8mb4'],
    'utf8mb4',
  ])
  expect(charsetOfCollation(9999)).toBeNull()
})

test('a set that is not known is refused by name', () => {
  expect(() => decoderOf('klingon')).toThrow(/klingon is not known/)
})
