/**
 * Parts that a property lists by names of one's choice, each with its class and its options:
 *
 *   converters=a,b   a.type=<class>   a.<option>=…   b.type=…
 *
 * Classes are those that are built in, by their Java names; all others are refused by name.
 */
import { ConfigError } from '#errors'
import { type ConfigFields, type ConfigProblem, type RawConfig, validateConfig } from '#plugin'

export interface PartClass {
  /** Its Java class names. */
  readonly classes: readonly string[]
  readonly fields: ConfigFields
  /** Options whose names are chosen as well; null: none. */
  readonly freeOptions: RegExp | null
}

export interface NamedPart<P extends PartClass> {
  readonly name: string
  readonly part: P
  readonly options: RawConfig
}

export function partNames(config: RawConfig, property: string): readonly string[] {
  return (config[property] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** Throws a ConfigError for the first thing that is wrong. */
export function namedParts<P extends PartClass>(
  config: RawConfig,
  property: string,
  known: readonly P[],
): readonly NamedPart<P>[] {
  const wrong = partProblems(config, property, known)[0]
  if (wrong !== undefined) throw new ConfigError(wrong.message)
  return partNames(config, property).flatMap((name) => {
    const part = classOf(config, name, known)
    return part === undefined ? [] : [{ name, part, options: optionsOf(config, name) }]
  })
}

export function partProblems(
  config: RawConfig,
  property: string,
  known: readonly PartClass[],
): readonly ConfigProblem[] {
  return partNames(config, property).flatMap((name): readonly ConfigProblem[] => {
    const field = `${name}.type`
    const part = classOf(config, name, known)
    if (part !== undefined) return optionProblems(name, part, optionsOf(config, name))
    const given = config[field]?.trim() ?? ''
    if (given === '') return [{ field, message: `${property} lists ${name}, but ${field} is not set.` }]
    const names = known.flatMap(({ classes }) => classes)
    const there = names.length === 0 ? 'this connector has none built in' : `built in are ${names.join(', ')}`
    return [
      {
        field,
        message: `The class ${given} of ${field} is not known: classes of Java are not loaded, and ${there}.`,
      },
    ]
  })
}

/** Of properties that belong to such parts. */
export function partPrefixes(config: RawConfig, property: string): readonly string[] {
  return partNames(config, property).map((name) => `${name}.`)
}

function classOf<P extends PartClass>(config: RawConfig, name: string, known: readonly P[]): P | undefined {
  const given = config[`${name}.type`]?.trim() ?? ''
  return known.find(({ classes }) => classes.includes(given))
}

function optionsOf(config: RawConfig, name: string): RawConfig {
  const prefix = `${name}.`
  const own = Object.entries(config).filter(([key]) => key.startsWith(prefix) && key !== `${name}.type`)
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]))
}

function optionProblems(
  name: string,
  { fields, freeOptions }: PartClass,
  options: RawConfig,
): readonly ConfigProblem[] {
  const unknown = Object.keys(options).filter(
    (option) => !Object.hasOwn(fields, option) && freeOptions?.test(option) !== true,
  )
  return [
    ...unknown.map((option) => ({
      field: `${name}.${option}`,
      message: `The property ${name}.${option} is unknown: there are ${Object.keys(fields).join(', ')}.`,
    })),
    ...validateConfig(fields, options).flatMap((each) =>
      each.errors.map((message) => ({ field: `${name}.${each.name}`, message })),
    ),
  ]
}
