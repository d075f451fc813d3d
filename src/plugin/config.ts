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

/** A validator returns what is wrong (`Invalid value V for configuration K: REASON` is made of it), or null. */
export type Validator<T> = (value: T, name: string) => string | null

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
  /** Accepted and honoured, but not shown by `GET …/config` (Connect's internal properties). */
  readonly internal: boolean
}

export type ConfigFields = Readonly<Record<string, ConfigField<never> | ConfigField<unknown>>>

/** The parsed form: numbers for INT, SHORT, LONG and DOUBLE, string[] for LIST, null where there is no value. */
export type Config<F extends ConfigFields> = {
  readonly [K in keyof F]: F[K] extends ConfigField<infer T> ? T : never
}

/** One problem of a configuration, as `config/validate` lists it under its property. */
export interface ConfigProblem {
  readonly field: string
  readonly message: string
}
