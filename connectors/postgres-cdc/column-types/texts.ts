/** Types whose text is their value: character types, documents, names of things, ranges. */
import type { CellReader } from '#cdc'
import { scalar, type Schema } from '#data'
import type { TypeOptions } from './options.ts'
import type { DefaultRule, ValueType } from './value-type.ts'

const readText: CellReader = (bytes, from, to, writer) => writer.text(bytes, from, to)

const plain = scalar('string')
const json = scalar('string', { name: 'io.debezium.data.Json', version: 1 })
const uuidForm = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/

function anyText(computed: string): DefaultRule {
  return { computed, cell: (literal) => literal }
}

interface TextKind {
  readonly schema: Schema
  readonly defaults: DefaultRule | null
  readonly optionalItem: boolean
}

const character: TextKind = { schema: plain, defaults: anyText(''), optionalItem: true }
const undefaulted: TextKind = { schema: plain, defaults: null, optionalItem: true }

/** Types of pg_catalog by name. */
const catalogKinds = new Map<string, TextKind>([
  ['text', character],
  ['varchar', character],
  ['bpchar', character],
  ...[
    ...['char', 'name', 'inet', 'cidr', 'macaddr', 'macaddr8', 'int4range', 'int8range', 'numrange'],
    ...['tsrange', 'tstzrange', 'daterange'],
  ].map((name) => [name, undefaulted] as const),
  ['json', { schema: json, defaults: anyText('{}'), optionalItem: true }],
  ['jsonb', { schema: json, defaults: anyText('{}'), optionalItem: true }],
  ['xml', documentKind('Xml', anyText(''))],
  ['tsvector', documentKind('Tsvector', null)],
  [
    'uuid',
    {
      schema: scalar('string', { name: 'io.debezium.data.Uuid', version: 1 }),
      defaults: {
        computed: '00000000-0000-0000-0000-000000000000',
        cell: (literal) => (uuidForm.test(literal) ? literal.toLowerCase() : null),
      },
      optionalItem: true,
    },
  ],
])

/** Types of extensions by name. */
const extensionKinds = new Map<string, TextKind>([
  ['citext', undefaulted],
  ['isbn', { ...undefaulted, optionalItem: false }],
  ['ltree', { ...documentKind('Ltree', null), optionalItem: true }],
])

function documentKind(name: string, defaults: DefaultRule | null): TextKind {
  return {
    schema: scalar('string', { name: `io.debezium.data.${name}`, version: 1 }),
    defaults,
    optionalItem: false,
  }
}

export function textType(name: string, builtIn: boolean, options: TypeOptions): ValueType | null {
  const kind = (builtIn ? catalogKinds : extensionKinds).get(name)
  return kind === undefined ? null : typeOf(kind, options)
}

/** An enum: `allowed` lists its labels in their order, joined without escapes. */
export function enumType(labels: readonly string[], options: TypeOptions): ValueType {
  const schema = scalar('string', {
    name: 'io.debezium.data.Enum',
    version: 1,
    parameters: { allowed: labels.join(',') },
  })
  return typeOf(
    { schema, defaults: { computed: null, cell: (literal) => literal }, optionalItem: false },
    options,
  )
}

function typeOf(kind: TextKind, options: TypeOptions): ValueType {
  return { ...kind, read: readText, zero: '', unavailable: Buffer.from(options.placeholder).toString() }
}
