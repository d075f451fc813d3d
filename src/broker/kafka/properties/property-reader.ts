/**
 * Reads the properties of one client: checks them against the table of those that are known, and parses what is asked
 * for. A value that cannot be used is a ConfigError in Java's words.
 */
import { ConfigError } from '#errors'
import { logger } from '#observe'
import type { ClientProperties, ClientRole } from './client-properties.ts'
import { knownProperties } from './known-properties.ts'

const mostInt = 2 ** 31 - 1
/** Java's Long.MAX_VALUE is no number here; so many milliseconds are no less for ever. */
const mostLong = Number.MAX_SAFE_INTEGER

export interface Bounds {
  readonly least?: number
  readonly most?: number
}

export class PropertyReader {
  readonly role: ClientRole
  readonly #properties: ClientProperties
  /** What was asked for by now, for the test that holds it against the table. */
  readonly asked = new Set<string>()

  constructor(role: ClientRole, properties: ClientProperties) {
    this.role = role
    this.#properties = properties
    check(role, properties)
  }

  /** Without blanks around it; null: not given. */
  text(name: string): string | null {
    this.asked.add(name)
    return this.#properties[name]?.trim() ?? null
  }

  /** As it is: a password may end with a blank. */
  secret(name: string): string | null {
    this.asked.add(name)
    return this.#properties[name] ?? null
  }

  integer(name: string, preset: number, bounds: Bounds = {}): number {
    return this.#number(name, 'INT', mostInt, bounds) ?? preset
  }

  optionalInteger(name: string, bounds: Bounds = {}): number | null {
    return this.#number(name, 'INT', mostInt, bounds)
  }

  long(name: string, preset: number, bounds: Bounds = {}): number {
    return this.#number(name, 'LONG', mostLong, bounds) ?? preset
  }

  flag(name: string, preset: boolean): boolean {
    const text = this.text(name)?.toLowerCase()
    if (text === undefined) return preset
    if (text !== 'true' && text !== 'false')
      throw invalid(name, text, 'Expected value to be either true or false')
    return text === 'true'
  }

  /** One of these, in any case where `ignoreCase`. */
  choice<const T extends string>(name: string, among: readonly T[], ignoreCase = false): T | null {
    const text = this.text(name)
    if (text === null) return null
    const found = among.find((each) => each === (ignoreCase ? text.toUpperCase() : text))
    if (found === undefined) throw invalid(name, text, `String must be one of: ${among.join(', ')}`)
    return found
  }

  /** Comma-separated; empty where it is not given. */
  list(name: string): readonly string[] {
    const text = this.text(name) ?? ''
    return text === '' ? [] : text.split(',').map((each) => each.trim())
  }

  #number(name: string, type: string, largest: number, { least = 0, most = largest }: Bounds): number | null {
    const text = this.text(name)
    if (text === null) return null
    const value = Number(text)
    if (!/^[+-]?\d{1,19}$/.test(text) || (type === 'INT' && Math.abs(value) > largest))
      throw invalid(name, text, `Not a number of type ${type}`)
    if (value < least) throw invalid(name, text, `Value must be at least ${least}`)
    if (type === 'INT' && value > most) throw invalid(name, text, `Value must be no more than ${most}`)
    return Math.min(value, most)
  }
}

export function invalid(name: string, value: string, why: string, remedy?: string): ConfigError {
  return new ConfigError(
    `Invalid value ${value} for configuration ${name}: ${why}${/[.!?]$/.test(why) ? '' : '.'}`,
    remedy === undefined ? {} : { remedy },
  )
}

const told = new Set<string>()

function check(role: ClientRole, properties: ClientProperties): void {
  const known = knownProperties[role]
  for (const [name, value] of Object.entries(properties)) {
    const property = known.get(name)
    if (property === undefined) warn(role, name, `is not known to Kafka's ${role} clients`)
    else if (property.support === 'without effect') warn(role, name, `changes nothing: ${property.note}`)
    else if (property.support === 'refused' && !isHarmless(value, property.harmless))
      throw new ConfigError(`The ${role} property ${name} cannot be honoured. ${property.note}`, {
        remedy: 'Leave it out.',
      })
  }
}

function isHarmless(value: string, harmless: readonly string[]): boolean {
  const text = value.trim().toLowerCase()
  return text === '' || harmless.includes(text)
}

/** Once: clients are opened many times with the same properties. */
function warn(role: ClientRole, name: string, why: string): void {
  const key = `${role}.${name}`
  if (told.has(key)) return
  told.add(key)
  logger('rowtap.broker.kafka').warn(`The ${role} property ${name} ${why}`)
}
