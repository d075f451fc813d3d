/**
 * hstore, by hstore.handling.mode, with its keys in the order of Java's HashMap.
 *
 *   hstore := (pair (', ' pair)*)?
 *   pair   := quoted '=>' (quoted | 'NULL')
 *   quoted := '"' (byte | '\' byte)* '"'
 */
import { utf8 } from '#bytes'
import { map, scalar } from '#data'
import { hashOrder, textHash } from './hash-order.ts'
import type { TypeOptions } from './options.ts'
import { misread, type ValueType } from './value-type.ts'

type Pair = readonly [key: string, value: string | null]

const pairForm = /"((?:[^"\\]|\\.)*)"=>(?:"((?:[^"\\]|\\.)*)"|NULL)(?:, |$)/gsy

function parse(text: string): Pair[] {
  const pairs: Pair[] = []
  let end = 0
  for (const match of text.matchAll(pairForm)) {
    pairs.push([unquote(match[1] ?? ''), match[2] === undefined ? null : unquote(match[2])])
    end = match.index + match[0].length
  }
  if (end !== text.length) throw misread('an hstore')
  return pairs
}

function unquote(text: string): string {
  return text.includes('\\') ? text.replace(/\\(.)/gs, '$1') : text
}

const ordered = (pairs: Pair[]) => hashOrder(pairs, ([key]) => textHash(key), 16)

/** A JSON string as Jackson writes it: other than JavaScript, it has hexadecimal digits in capitals. */
function jsonString(text: string): string {
  return JSON.stringify(text).replace(/\\(u00[0-9a-f]{2}|.)/g, (whole, escaped: string) =>
    escaped.length > 1 ? `\\u${escaped.slice(1).toUpperCase()}` : whole,
  )
}

function jsonText(pairs: readonly Pair[]): string {
  const members = pairs.map(
    ([key, value]) => `${jsonString(key)}:${value === null ? 'null' : jsonString(value)}`,
  )
  return `{${members.join(',')}}`
}

export function hstoreType(options: TypeOptions): ValueType {
  const placeholder = Buffer.from(options.placeholder).toString()
  if (options.hstore === 'json') {
    return {
      schema: scalar('string', { name: 'io.debezium.data.Json', version: 1 }),
      read: (bytes, from, to, writer) => writer.string(jsonText(ordered(parse(utf8(bytes, from, to))))),
      zero: '{}',
      unavailable: jsonText([[placeholder, placeholder]]),
      defaults: null,
      optionalItem: true,
    }
  }
  const schema = map(scalar('string'), scalar('string', { optional: true }))
  return {
    schema,
    read: (bytes, from, to, writer) => {
      const pairs = ordered(parse(utf8(bytes, from, to)))
      writer.beginMap(schema, pairs.length)
      pairs.forEach(([key, value], index) => {
        writer.entry(index)
        writer.string(key)
        writer.entryValue()
        if (value === null) writer.null()
        else writer.string(value)
      })
      writer.endMap()
    },
    zero: new Map(),
    unavailable: new Map([[placeholder, placeholder]]),
    defaults: null,
    optionalItem: true,
  }
}
