import { expect, test } from 'vitest'
import { LineReader } from '../../../../connectors/file/line-reader.ts'

/** Feeds `text` in pieces cut at `cuts` and returns each line with the position behind it. */
function read(text: string, cuts: readonly number[] = []): [string, number][] {
  const bytes = Buffer.from(text)
  const reader = new LineReader()
  const lines: [string, number][] = []
  let from = 0
  for (const to of [...cuts, bytes.length]) {
    while (from < to) {
      const room = reader.room()
      const count = bytes.copy(room, 0, from, Math.min(to, from + room.length))
      reader.filled(count)
      from += count
      while (reader.show())
        for (let line = reader.line(); line !== null; line = reader.line())
          lines.push([line.bytes.toString('utf8', line.from, line.to), line.next])
    }
  }
  return lines
}

test('ends a line at LF, CR LF and CR, and keeps the unterminated rest', () => {
  expect(read('a\nb\r\nc\rd\n\nrest')).toEqual([
    ['a', 2],
    ['b', 5],
    ['c', 7],
    ['d', 9],
    ['', 10],
  ])
})

test('a CR at the end of what is known waits for the byte behind it', () => {
  expect(read('a\r')).toEqual([])
  expect(read('a\r\nb\n', [2])).toEqual([
    ['a', 3],
    ['b', 5],
  ])
  expect(read('a\rb\n', [2])).toEqual([
    ['a', 2],
    ['b', 4],
  ])
})

test('positions count characters, as Java does', () => {
  expect(read('é\n€uro😀\n')).toEqual([
    ['é', 2],
    ['€uro😀', 9],
  ])
})

test('shows lines in windows of 1024 bytes, or as large as a line needs', () => {
  const reader = new LineReader()
  const bytes = Buffer.from(`${'x\n'.repeat(600)}${'y'.repeat(3000)}\n`)
  reader.filled(bytes.copy(reader.room()))
  const lines = (): number => {
    let count = 0
    while (reader.line() !== null) count++
    return count
  }
  expect([reader.show(), lines()]).toEqual([true, 512])
  expect([reader.show(), lines()]).toEqual([true, 88])
  expect([reader.show(), lines(), reader.show(), lines()]).toEqual([true, 0, true, 0])
  expect([reader.show(), lines()]).toEqual([true, 1])
  expect(reader.show()).toBe(false)
})

test('every cut gives the same lines', () => {
  const text = 'één\r\n\rtwee\n\n😀\r\nx\r\r\n'
  const whole = read(text)
  const size = Buffer.byteLength(text)
  for (let first = 0; first <= size; first++)
    for (let second = first; second <= size; second++) expect(read(text, [first, second])).toEqual(whole)
})

test('a line may be longer than the buffer, and lines given out keep their bytes', () => {
  const long = 'x'.repeat(300_000)
  const reader = new LineReader()
  const bytes = Buffer.from(`first\n${long}\nlast\n`)
  const held = []
  for (let from = 0; from < bytes.length; ) {
    const count = bytes.copy(reader.room(), 0, from)
    reader.filled(count)
    from += count
    while (reader.show()) for (let line = reader.line(); line !== null; line = reader.line()) held.push(line)
  }
  expect(held.map((line) => line.bytes.toString('utf8', line.from, line.to))).toEqual(['first', long, 'last'])
})
