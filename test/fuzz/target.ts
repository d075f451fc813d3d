/** What a fuzz target is, and what makes inputs of it. */
import { ConnectError } from '#errors'
import type { Random } from '../support/ddl/random.ts'

export interface FuzzTarget {
  readonly name: string
  /** An input; the same numbers make the same one. */
  input(numbers: Random): Buffer
  /** Reads it. A ConnectError refuses it; whatever else is thrown is a finding. */
  read(input: Buffer): void | Promise<void>
}

export type Outcome = 'read' | 'refused'

/** Throws what is a finding. */
export async function tried({ read }: FuzzTarget, input: Buffer): Promise<Outcome> {
  try {
    await read(input)
    return 'read'
  } catch (error) {
    if (error instanceof ConnectError) return 'refused'
    throw error
  }
}

/** Numbers at which lengths, counts and signs turn. */
const edges = [0, 1, 2, 3, 0x7f, 0x80, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff, 0x7fff, 0x8000, 0xffff]
const farEdges = [...edges, 0xffffff, 0x7fffffff, 0x80000000, 0x80000005, 0xffffffff]

/** The bytes with one change: bits, a byte, a number, cut, stretched, moved within. */
export function damaged(bytes: Buffer, numbers: Random): Buffer {
  const found = Buffer.from(bytes)
  const at = numbers.below(Math.max(1, bytes.length))
  switch (bytes.length === 0 ? 4 : numbers.below(8)) {
    case 0:
      found[at] = (found[at] as number) ^ (1 << numbers.below(8))
      return found
    case 1:
      found[at] = numbers.below(256)
      return found
    case 2:
      found[at] = numbers.pick(edges) & 0xff
      return found
    case 3: {
      const size = numbers.pick([2, 3, 4] as const)
      if (at + size > bytes.length) return found
      found.writeUIntLE(numbers.pick(farEdges) % 2 ** (8 * size), at, size)
      return found
    }
    case 4:
      return found.subarray(0, at)
    case 5:
      return Buffer.concat([
        found.subarray(0, at),
        Buffer.alloc(1 + numbers.below(9), numbers.below(256)),
        found.subarray(at),
      ])
    case 6:
      return Buffer.concat([found.subarray(0, at), found.subarray(at + 1 + numbers.below(9))])
    default: {
      const from = numbers.below(bytes.length)
      bytes.copy(found, at, from, from + 1 + numbers.below(64))
      return found
    }
  }
}

/** With a few changes; sometimes with none. */
export function damagedOften(bytes: Buffer, numbers: Random): Buffer {
  let found = bytes
  for (let i = numbers.below(4); i > 0; i--) found = damaged(found, numbers)
  return found
}

/** Throws what no refusal explains. */
export function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what)
}
