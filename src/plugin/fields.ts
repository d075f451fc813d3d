/**
 * Builders for the properties of a plugin. A field without `default` is required; `default: null` means that the
 * property may be absent, and its parsed value is then null. The parsed type follows from both:
 *
 *   const fields = { topic: string({ doc: '…' }), file: string({ default: null, doc: '…' }) }
 *   parseConfig(fields, raw)   // { topic: string, file: string | null }
 */
import type { ConfigField, FieldType, Importance, Validator, Width } from './config.ts'
import { oneOf, oneOfIgnoringCase } from './validators.ts'

export interface FieldSpec<T> {
  /** Absent: required. null: optional without a value. */
  readonly default?: T | null
  /** What the property does, for the option tables and `config/validate`. */
  readonly doc: string
  readonly importance?: Importance
  readonly group?: string
  readonly order?: number
  readonly width?: Width
  readonly displayName?: string
  readonly dependents?: readonly string[]
  readonly recommended?: readonly string[]
  readonly validate?: Validator<T>
  readonly internal?: boolean
}

/** What a field parses to: null is possible only where null is the default. */
type Parsed<T, S> = S extends { readonly default: null } ? T | null : T

function field<T>(type: FieldType, spec: FieldSpec<T>): ConfigField<T> {
  return {
    type,
    default: spec.default as T | undefined,
    importance: spec.importance ?? 'MEDIUM',
    documentation: spec.doc,
    group: spec.group ?? null,
    order: spec.order ?? -1,
    width: spec.width ?? 'NONE',
    displayName: spec.displayName ?? null,
    dependents: spec.dependents ?? [],
    recommended: spec.recommended ?? [],
    validate: spec.validate ?? null,
    read: null,
    canonical: null,
    internal: spec.internal ?? false,
  }
}

function builder<T>(type: FieldType) {
  return <const S extends FieldSpec<T>>(spec: S): ConfigField<Parsed<T, S>> =>
    field(type, spec) as unknown as ConfigField<Parsed<T, S>>
}

export const string = builder<string>('STRING')
export const boolean = builder<boolean>('BOOLEAN')
/** 32 bits. */
export const int = builder<number>('INT')
/** 16 bits. */
export const short = builder<number>('SHORT')
/** 64 bits; parsed to a number, since no setting needs more than 2^53. */
export const long = builder<number>('LONG')
export const double = builder<number>('DOUBLE')
/** Comma-separated; an empty text is an empty list. */
export const list = builder<readonly string[]>('LIST')
/** The name of a Java class, or whatever stands for one. */
export const javaClass = builder<string>('CLASS')
/** Shown as `[hidden]` wherever a configuration is shown. */
export const password = builder<string>('PASSWORD')

export interface EnumerationSpec<V extends string> extends Omit<FieldSpec<V>, 'validate'> {
  readonly values: readonly V[]
  /** Accepts any case and parses to the spelling in `values`. */
  readonly ignoreCase?: boolean
}

/** A STRING that is one of a few values. */
export function enumeration<const V extends string, const S extends EnumerationSpec<V>>(
  spec: S & { readonly values: readonly V[] },
): ConfigField<Parsed<V, S>> {
  const { values, ignoreCase = false } = spec
  const allowed = ignoreCase ? oneOfIgnoringCase(...values) : oneOf(...values)
  const made = field<V>('STRING', {
    ...spec,
    validate: (value, name) => (value === null && spec.default === null ? null : allowed(value, name)),
  })
  const canonical = (given: string): V =>
    values.find((value) => value.toLowerCase() === given.toLowerCase()) ?? (given as V)
  return { ...made, canonical } as unknown as ConfigField<Parsed<V, S>>
}
