/** Binary JSON documents taken apart and put together again; scalars stay the bytes that they are. */
import {
  beginDocument,
  deepest,
  isContainer,
  isInlined,
  jsonTypes as J,
  keyRead,
  malformedJson,
  openContainer,
  readKey,
  scalarSize,
  valueAt,
  valueType,
} from './json-binary.ts'

export type JsonNode = JsonScalar | JsonArray | JsonObject

export interface JsonScalar {
  readonly kind: 'scalar'
  readonly type: number
  readonly bytes: Buffer
}

export interface JsonArray {
  readonly kind: 'array'
  readonly items: JsonNode[]
}

/** By key; members are put in the server's order when they are written. */
export interface JsonObject {
  readonly kind: 'object'
  readonly members: Map<string, JsonNode>
}

/** Takes the document in `bytes[from, to)` apart. */
export function parseJson(bytes: Buffer, from: number, to: number): JsonNode {
  beginDocument(to - from)
  return parse(bytes, bytes[from] as number, from + 1, to, 0)
}

function parse(bytes: Buffer, type: number, from: number, to: number, depth: number): JsonNode {
  if (!isContainer(type)) {
    const size = scalarSize(bytes, type, from, to)
    return { kind: 'scalar', type, bytes: bytes.subarray(from, from + size) }
  }
  if (depth > deepest) throw malformedJson()
  const container = openContainer(bytes, type, from, to)
  const child = (i: number) =>
    parse(bytes, valueType(bytes, container, i), valueAt(bytes, container, i), to, depth + 1)
  if (!container.isObject)
    return { kind: 'array', items: Array.from({ length: container.count }, (_, i) => child(i)) }
  const members = new Map<string, JsonNode>()
  for (let i = 0; i < container.count; i++) {
    readKey(bytes, container, i)
    const key = bytes.toString('utf8', keyRead.from, keyRead.to)
    members.set(key, child(i))
  }
  return { kind: 'object', members }
}

/** The document's bytes, its containers in the large form. */
export function writeJson(node: JsonNode): Buffer {
  return Buffer.concat([Buffer.of(typeOf(node)), valueBytes(node)])
}

function typeOf(node: JsonNode): number {
  if (node.kind === 'scalar') return node.type
  return node.kind === 'array' ? J.LARGE_ARRAY : J.LARGE_OBJECT
}

function valueBytes(node: JsonNode): Buffer {
  if (node.kind === 'scalar') return node.bytes
  if (node.kind === 'array') return containerBytes([], node.items)
  const members = [...node.members].map(([key, value]) => ({ key: Buffer.from(key), value }))
  // As the server: shorter keys first, equally long ones by their bytes.
  members.sort((a, b) => a.key.length - b.key.length || a.key.compare(b.key))
  return containerBytes(
    members.map(({ key }) => key),
    members.map(({ value }) => value),
  )
}

function containerBytes(keys: readonly Buffer[], values: readonly JsonNode[]): Buffer {
  const head = Buffer.alloc(8 + keys.length * 6 + values.length * 5)
  const parts: Buffer[] = [head]
  let end = head.length
  let at = 8
  for (const key of keys) {
    head.writeUInt32LE(end, at)
    head.writeUInt16LE(key.length, at + 4)
    parts.push(key)
    end += key.length
    at += 6
  }
  for (const value of values) {
    const type = typeOf(value)
    const bytes = valueBytes(value)
    head[at] = type
    if (isInlined(type, true)) bytes.copy(head, at + 1)
    else {
      head.writeUInt32LE(end, at + 1)
      parts.push(bytes)
      end += bytes.length
    }
    at += 5
  }
  head.writeUInt32LE(values.length, 0)
  head.writeUInt32LE(end, 4)
  return Buffer.concat(parts)
}
