/**
 * Configuration as data. A plugin declares its properties once, as an object of fields; the static type of the parsed
 * configuration, the answers of `config/validate`, the option tables of the READMEs and `schemas/connectors/*.json`
 * all come from it.
 */

export type RawConfig = Readonly<Record<string, string>>
/** As REST hands it over: a null is an error of its own (`Null value can not be supplied …`). */
export type SubmittedConfig = Readonly<Record<string, string | null>>

export type FieldType =
  | 'BOOLEAN'
  | 'STRING'
  | 'INT'
  | 'SHORT'
  | 'LONG'
  | 'DOUBLE'
  | 'LIST'
  | 'CLASS'
  | 'PASSWORD'
export type Importance = 'HIGH' | 'MEDIUM' | 'LOW'
export type Width = 'NONE' | 'SHORT' | 'MEDIUM' | 'LONG'

/**
 * What a validator finds wrong: a string is the REASON of `Invalid value V for configuration K: REASON` (empty: no
 * reason), an array holds complete messages.
 */
export type Finding = string | readonly string[]

/**
 * Returns what is wrong, or null. As in Connect it runs for every value, also null where there is none. (Declared as
 * a method, so that a field of strings is a field.)
 */
export type Validator<T> = { check(value: T | null, name: string): Finding | null }['check']

export interface ConfigField<T = unknown> {
  readonly type: FieldType
  /** undefined: required. */
  readonly default: T | undefined
  readonly importance: Importance
  readonly documentation: string
  readonly group: string | null
  readonly order: number
  readonly width: Width
  readonly displayName: string | null
  readonly dependents: readonly string[]
  readonly recommended: readonly string[]
  readonly validate: Validator<T> | null
  /** Reads the text in a way of its own (a class name that must be known); null: by the type. */
  readonly read: ((text: string) => { readonly value: T } | { readonly problem: string }) | null
  /** Brings a valid value into the one form that the code compares with (`Numeric` → `numeric`); null: as it is. */
  readonly canonical: ((value: string) => T) | null
  /** Accepted and honoured, but not shown by `GET …/config` (Connect's internal properties). */
  readonly internal: boolean
}

export type ConfigFields = Readonly<Record<string, ConfigField>>

/** The parsed form: numbers for INT, SHORT, LONG and DOUBLE, string[] for LIST, null where there is no value. */
export type Config<F extends ConfigFields> = {
  readonly [K in keyof F]: F[K] extends ConfigField<infer T> ? T : never
}

/** One problem of a configuration, as `config/validate` lists it under its property. */
export interface ConfigProblem {
  readonly field: string
  readonly message: string
}
