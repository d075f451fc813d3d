/**
 * Differences between two JSON documents, as PARTIAL_UPDATE_ROWS carries them, applied to the old one.
 *
 *   differences := difference*
 *   difference  := operation:1 size:packed path (size:packed document)?     operation: 0 replace, 1 insert, 2 remove
 *   path        := '$' step*
 *   step        := '.' (identifier | '"' escaped text '"') | '[' index ']'
 *
 * An insert into an array stands before the element of that index, or at the end. A removal has no document.
 */
import { DecodeError } from '#errors'
import { EventReader } from './event-reader.ts'
import { type JsonNode, parseJson, writeJson } from './json-tree.ts'

const [replace, insert, remove] = [0, 1, 2] as const

/** The new document: the old one in `document` with the differences in `bytes[from, to)`. */
export function applyJsonDiff(document: Buffer, bytes: Buffer, from: number, to: number): Buffer {
  if (from === to) return document
  let root = parseJson(document, 0, document.length)
  const reader = new EventReader(bytes, from, to, 'PARTIAL_UPDATE_ROWS (differences of a JSON document)')
  while (reader.left > 0) {
    const operation = reader.uint8()
    if (operation > remove) throw reader.expected('to replace, insert or remove')
    const steps = parsePath(reader.text(reader.packed()))
    const value = operation === remove ? null : readDocument(reader)
    root = applyStep(root, steps, 0, operation, value)
  }
  return writeJson(root)
}

function readDocument(reader: EventReader): JsonNode {
  const size = reader.packed()
  const at = reader.take(size)
  return parseJson(reader.bytes, at, at + size)
}

function applyStep(
  node: JsonNode,
  steps: readonly (string | number)[],
  at: number,
  operation: number,
  value: JsonNode | null,
): JsonNode {
  const step = steps[at]
  if (step === undefined) {
    if (operation !== replace || value === null) throw unmatched()
    return value
  }
  const isLast = at === steps.length - 1
  if (node.kind === 'object' && typeof step === 'string') {
    const child = node.members.get(step)
    if (isLast && operation === insert && value !== null && child === undefined) node.members.set(step, value)
    else if (child === undefined) throw unmatched()
    else if (isLast && operation === remove) node.members.delete(step)
    else node.members.set(step, applyStep(child, steps, at + 1, operation, value))
    return node
  }
  if (node.kind === 'array' && typeof step === 'number') {
    const child = node.items[step]
    if (isLast && operation === insert && value !== null) node.items.splice(step, 0, value)
    else if (child === undefined) throw unmatched()
    else if (isLast && operation === remove) node.items.splice(step, 1)
    else node.items[step] = applyStep(child, steps, at + 1, operation, value)
    return node
  }
  throw unmatched()
}

function unmatched(): DecodeError {
  return new DecodeError('A difference in the binlog does not fit the JSON document that it is to change.')
}

const stepForm = /\.(?:"((?:[^"\\]|\\.)*)"|([^."[\]\s]+))|\[(\d+)\]/gy

/** Names of members and indexes of elements, from the outside in. */
export function parsePath(path: string): readonly (string | number)[] {
  const steps: (string | number)[] = []
  if (!path.startsWith('$')) throw noPath()
  stepForm.lastIndex = 1
  let end = 1
  for (let match = stepForm.exec(path); match !== null; match = stepForm.exec(path)) {
    const [, quoted, plain, index] = match
    if (index !== undefined) steps.push(Number(index))
    else steps.push(plain ?? unescaped(quoted ?? ''))
    end = stepForm.lastIndex
  }
  if (end !== path.length) throw noPath()
  return steps
}

function unescaped(quoted: string): string {
  try {
    return JSON.parse(`"${quoted}"`) as string
  } catch {
    throw noPath()
  }
}

function noPath(): DecodeError {
  return new DecodeError('A difference of a JSON document in the binlog has a path of unknown form.')
}
