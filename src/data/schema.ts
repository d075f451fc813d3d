/**
 * Kafka Connect's schemas: a type with optional name, version, doc, parameters and default. Schemas are immutable;
 * equal schemas need not be identical, but every cache in rowtap is keyed by identity, so make one per table version.
 */

export type SchemaType =
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float32'
  | 'float64'
  | 'boolean'
  | 'string'
  | 'bytes'
  | 'array'
  | 'map'
  | 'struct'

export interface Field {
  readonly name: string
  readonly index: number
  readonly schema: Schema
}

export interface SchemaOptions {
  readonly optional?: boolean
  readonly name?: string | null
  readonly version?: number | null
  readonly doc?: string | null
  readonly parameters?: Readonly<Record<string, string>> | null
  /** A value of this schema's own kind (see values.ts); absent: no default. */
  readonly default?: unknown
}

/** What a wire format has compiled for a schema, kept with the schema: one slot, because a task writes one format. */
export interface Compiled {
  readonly format: object
  readonly layout: unknown
}

export class Schema {
  readonly type: SchemaType
  readonly optional: boolean
  readonly name: string | null
  readonly version: number | null
  readonly doc: string | null
  readonly parameters: Readonly<Record<string, string>> | null
  readonly hasDefault: boolean
  readonly default: unknown
  /** The fields of a struct; empty for other types. */
  readonly fields: readonly Field[]
  /** Key schema of a map. */
  readonly keySchema: Schema | null
  /** Value schema of a map, item schema of an array. */
  readonly valueSchema: Schema | null
  compiled: Compiled | null = null
  #byName: Map<string, Field> | null = null

  constructor(
    type: SchemaType,
    options: SchemaOptions,
    fields: readonly (readonly [string, Schema])[] = [],
    keySchema: Schema | null = null,
    valueSchema: Schema | null = null,
  ) {
    this.type = type
    this.optional = options.optional ?? false
    this.name = options.name ?? null
    this.version = options.version ?? null
    this.doc = options.doc ?? null
    this.parameters = options.parameters ?? null
    this.hasDefault = options.default !== undefined
    this.default = options.default
    this.fields = fields.map(([name, schema], index) => ({ name, index, schema }))
    this.keySchema = keySchema
    this.valueSchema = valueSchema
  }

  /** The field of that name, or undefined. */
  field(name: string): Field | undefined {
    this.#byName ??= new Map(this.fields.map((field) => [field.name, field]))
    return this.#byName.get(name)
  }

  /** The same schema with some attributes changed. */
  with(options: SchemaOptions): Schema {
    const merged: SchemaOptions = {
      optional: this.optional,
      name: this.name,
      version: this.version,
      doc: this.doc,
      parameters: this.parameters,
      ...(this.hasDefault ? { default: this.default } : {}),
      ...options,
    }
    const fields = this.fields.map((field) => [field.name, field.schema] as const)
    return new Schema(this.type, merged, fields, this.keySchema, this.valueSchema)
  }
}

type Scalar = Exclude<SchemaType, 'array' | 'map' | 'struct'>

export function scalar(type: Scalar, options: SchemaOptions = {}): Schema {
  return new Schema(type, options)
}

export function struct(fields: readonly (readonly [string, Schema])[], options: SchemaOptions = {}): Schema {
  return new Schema('struct', options, fields)
}

export function array(items: Schema, options: SchemaOptions = {}): Schema {
  return new Schema('array', options, [], null, items)
}

export function map(keys: Schema, values: Schema, options: SchemaOptions = {}): Schema {
  return new Schema('map', options, [], keys, values)
}
