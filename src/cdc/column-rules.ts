/**
 * Columns whose values are not to be seen as they are. Each property names columns, `database.table.column` or
 * `schema.table.column`, by Java regular expressions:
 *
 *   column.mask.with.N.chars                       N asterisks, also for NULL
 *   column.mask.hash.ALG.with.salt.SALT            hex of the digest of the salt and the text as Java serializes it
 *   column.mask.hash.v2.ALG.with.salt.SALT         hex of the digest of the salt and the text's UTF-8
 *   column.truncate.to.N.chars                     the first N characters (UTF-16 units) or bytes
 *
 * A column gets the first rule that matches: masks go before hashes, hashes before truncation. A masked column never
 * shows a value of its own: where its type has no room for a mask there is null, or the type's constant fallback. Keys
 * are not masked.
 */
import { createHash, getHashes } from 'node:crypto'
import { type Schema, type ValueWriter, writeValue } from '#data'
import { ConfigError, messageOf } from '#errors'
import type { ConfigProblem, RawConfig } from '#plugin'
import type { CellReader, ColumnType } from './column.ts'
import { cellValue } from './converters.ts'
import { namePatterns } from './filter.ts'
import { javaSerializedText } from './java-serialized-text.ts'

/** `length`: the declared one in characters, which a hash must fit; null: none. */
type Rewrite = (type: ColumnType, length: number | null) => ColumnType

/** Grammar of the properties, in the order in which the rules count. */
const families: readonly {
  readonly prefix: string
  readonly form: string
  readonly shape: RegExp
  readonly rule: (captured: readonly string[]) => Rewrite
}[] = [
  {
    prefix: 'column.mask.with.',
    form: 'column.mask.with.<number>.chars',
    shape: /^column\.mask\.with\.(\d{1,9})\.chars$/,
    rule: ([count]) => masked('*'.repeat(Number(count))),
  },
  {
    prefix: 'column.mask.hash.',
    form: 'column.mask.hash.<algorithm>.with.salt.<salt> or column.mask.hash.v2.<algorithm>.with.salt.<salt>',
    shape: /^column\.mask\.hash\.(v2\.)?([^.]+)\.with\.salt\.(.*)$/s,
    rule: ([v2, algorithm = '', salt = '']) => hashed(hashOf(algorithm), salt, v2 !== undefined),
  },
  {
    prefix: 'column.truncate.to.',
    form: 'column.truncate.to.<number>.chars',
    shape: /^column\.truncate\.to\.(\d{1,9})\.chars$/,
    rule: ([count]) => truncated(Number(count)),
  },
]

export const columnRulePrefixes: readonly string[] = ['column.mask.', 'column.truncate.']

interface Rule {
  readonly patterns: readonly RegExp[]
  readonly rewrite: Rewrite
}

export class ColumnRules {
  readonly #rules: readonly Rule[]

  /** Throws a ConfigError that names the property at fault. */
  constructor(config: RawConfig) {
    const properties = Object.keys(config).filter(isColumnRule)
    for (const property of properties) familyOf(property)
    this.#rules = families.flatMap((family) =>
      properties
        .filter((property) => familyOf(property) === family)
        .flatMap((property): Rule[] => {
          const rewrite = family.rule(capturedBy(family.shape, property))
          const patterns = namePatterns(property, config[property] ?? null)
          return patterns === null ? [] : [{ patterns, rewrite }]
        }),
    )
  }

  /** The type of the column in the values of records. `path` is the column's name as filters have it. */
  apply(path: string, length: number | null, type: ColumnType): ColumnType {
    const rule = this.#rules.find(({ patterns }) => patterns.some((each) => each.test(path)))
    return rule === undefined ? type : rule.rewrite(type, length)
  }
}

/** What is wrong with the rules of a configuration, property by property. */
export function columnRuleProblems(config: RawConfig): readonly ConfigProblem[] {
  return Object.entries(config)
    .filter(([property]) => isColumnRule(property))
    .flatMap(([field, value]) => {
      try {
        new ColumnRules({ [field]: value })
        return []
      } catch (error) {
        return [{ field, message: messageOf(error) }]
      }
    })
}

function isColumnRule(property: string): boolean {
  return columnRulePrefixes.some((prefix) => property.startsWith(prefix))
}

function familyOf(property: string): (typeof families)[number] {
  const family = families.find(({ shape }) => shape.test(property))
  if (family !== undefined) return family
  const near = families.find(({ prefix }) => property.startsWith(prefix))
  const forms = near === undefined ? families.map(({ form }) => form).join(', ') : near.form
  throw new ConfigError(`The property ${property} is not of a known form.`, {
    remedy: `It must be ${forms}.`,
  })
}

function capturedBy(shape: RegExp, property: string): readonly string[] {
  return (shape.exec(property) ?? []).slice(1)
}

/** Java's names of digests whose names in Node differ by more than the hyphens. */
const otherNames = new Map([
  ['SHA', 'sha1'],
  ['SHA-512/224', 'sha512-224'],
  ['SHA-512/256', 'sha512-256'],
])

function hashOf(algorithm: string): string {
  const name = algorithm.toUpperCase()
  const own = otherNames.get(name) ?? name.replace(/^SHA-/, 'SHA').toLowerCase()
  if (getHashes().includes(own) && /^(md5|sha)/.test(own)) return own
  throw new ConfigError(`The digest ${algorithm} of column.mask.hash is not known.`, {
    remedy: 'Use MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512, SHA-512/256 or one of the SHA3 family.',
  })
}

const told = '__debezium.source.column.'

/** The rule stands in the schema in place of the column's own type (column.propagate.source.type). */
function announced(schema: Schema, parameters: Readonly<Record<string, string>>): Schema {
  const own = Object.entries(schema.parameters ?? {}).filter(([name]) => !name.startsWith(told))
  return schema.with({ parameters: { ...Object.fromEntries(own), ...parameters } })
}

const labels = new Set(['io.debezium.data.Enum', 'io.debezium.data.EnumSet'])

/** Text without a form of its own: a mask in it breaks nothing. */
function isPlainText(schema: Schema): boolean {
  return schema.type === 'string' && (schema.name === null || labels.has(schema.name))
}

function masked(mask: string): Rewrite {
  return (type) => {
    const schema = announced(type.schema, { masked: 'true' })
    if (!isPlainText(schema)) return hidden(type, schema)
    const read: CellReader = (_bytes, _from, _to, writer) => writer.string(mask)
    return { schema, read, fallback: mask, unavailable: mask, ofNull: mask }
  }
}

/** Where a mask has no place: the same for every row. */
function hidden(type: ColumnType, schema: Schema): ColumnType {
  const stand = schema.optional ? null : type.fallback
  const read: CellReader = (_bytes, _from, _to, writer) => writeValue(schema, stand, writer)
  return { schema, read, fallback: type.fallback, unavailable: stand }
}

function hashed(algorithm: string, salt: string, v2: boolean): Rewrite {
  const digest = (text: string) =>
    createHash(algorithm)
      .update(salt)
      .update(v2 ? Buffer.from(text) : javaSerializedText(text))
      .digest('hex')
  return (type, length) => {
    const schema = announced(type.schema, { masked: 'true' })
    if (!isPlainText(schema)) return hidden(type, schema)
    const hash = (text: unknown) => digest(String(text)).slice(0, length ?? undefined)
    const read: CellReader = (bytes, from, to, writer) => {
      const value = cellValue(type, bytes, from, to)
      if (value === null) writer.null()
      else writer.string(hash(value))
    }
    return { schema, read, fallback: hash(type.fallback), unavailable: type.unavailable }
  }
}

function truncated(length: number): Rewrite {
  return (type) => {
    const schema = announced(type.schema, { truncateLength: String(length) })
    const cuts = schema.type === 'string' || (schema.type === 'bytes' && schema.name === null)
    if (!cuts) return { ...type, schema }
    const read: CellReader = (bytes, from, to, writer) =>
      writeCut(cellValue(type, bytes, from, to), length, writer)
    return { schema, read, fallback: type.fallback, unavailable: type.unavailable }
  }
}

function writeCut(value: unknown, length: number, writer: ValueWriter): void {
  if (typeof value === 'string') writer.string(cutText(value, length))
  else if (value instanceof Uint8Array) writer.bytes(value, 0, Math.min(length, value.length))
  else writer.null()
}

/** Half of a character is none. */
function cutText(text: string, length: number): string {
  const last = text.charCodeAt(length - 1)
  const splits = length < text.length && last >= 0xd800 && last < 0xdc00
  return text.slice(0, splits ? length - 1 : length)
}
