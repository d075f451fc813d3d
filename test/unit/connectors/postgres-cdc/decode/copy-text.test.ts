import { describe, expect, test } from 'vitest'
import { NULL_CELL } from '#cdc'
import { type CopiedRows, CopyTextDecoder } from '../../../../../connectors/postgres-cdc/decode/copy-text.ts'

function read(copied: CopiedRows | null, columns: number): (string | null)[][] {
  if (copied === null) return []
  const { bytes, cells, rows, stride } = copied
  expect(stride).toBe(columns * 2)
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => {
      const from = cells[row * stride + column * 2] as number
      if (from === NULL_CELL) return null
      return bytes.toString('utf8', from, cells[row * stride + column * 2 + 1])
    }),
  )
}

function decode(text: string, columns: number): (string | null)[][] {
  const decoder = new CopyTextDecoder(columns)
  const rows = read(decoder.push(Buffer.from(text)), columns)
  decoder.end()
  return rows
}

const text = String.raw`1	plain	\N
2		\\N
3	a\tb\nc\rd\be\ff\vg\\h	\\
4	Ünï😀\\	\q\N
\N	\N	\N
`
const rows = [
  ['1', 'plain', null],
  ['2', '', '\\N'],
  ['3', 'a\tb\nc\rd\be\ff\vg\\h', '\\'],
  ['4', 'Ünï😀\\', 'qN'],
  [null, null, null],
]

describe('CopyTextDecoder', () => {
  test('fields, NULL and escapes', () => {
    expect(decode(text, 3)).toEqual(rows)
  })

  test('chunks may end anywhere, and belong to the caller', () => {
    const bytes = Buffer.from(text)
    for (let size = 1; size <= bytes.length; size++) {
      const decoder = new CopyTextDecoder(3)
      const copied: (CopiedRows | null)[] = []
      for (let at = 0; at < bytes.length; at += size) {
        const chunk = Buffer.from(bytes.subarray(at, at + size))
        copied.push(decoder.push(chunk))
        chunk.fill(0)
      }
      decoder.end()
      expect(copied.flatMap((some) => read(some, 3))).toEqual(rows)
    }
  })

  test('many rows in one chunk', () => {
    const many = Array.from({ length: 1000 }, (_, i) => [`${i}`, `x${i}`])
    expect(decode(many.map((row) => `${row.join('\t')}\n`).join(''), 2)).toEqual(many)
  })

  test('a table without columns, an empty table', () => {
    expect(decode('\n\n', 0)).toEqual([[], []])
    expect(decode('', 2)).toEqual([])
  })

  test.each([
    ['1\t2\t3\n', 2],
    ['1\n', 2],
    ['\\N\t\\N\n', 3],
    ['x\n', 0],
  ])('%j does not have %d columns', (line, columns) => {
    expect(() => decode(line, columns)).toThrow(`does not have the ${columns} columns`)
  })

  test('the end in the middle of a row', () => {
    const decoder = new CopyTextDecoder(2)
    decoder.push(Buffer.from('1\t2\n3\t'))
    expect(() => decoder.end()).toThrow('middle of a row')
  })

  test('a lone backslash before the end of a row', () => {
    expect(() => decode('a\\\n', 1)).toThrow('single backslash')
  })
})
