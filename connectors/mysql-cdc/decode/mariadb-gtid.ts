/**
 * Positions by MariaDB's global transaction identifiers: the last transaction of each domain.
 *
 *   position := (gtid (',' gtid)*)?          white space anywhere between
 *   gtid     := domain '-' server '-' sequence
 *
 * Printed by ascending domain. Unlike MySQL's sets a position says of each domain only how far it goes. Positions are
 * values: whatever changes one makes another.
 */
import { ConfigError } from '#errors'
import type { MariadbGtidEntry } from './gtid-events.ts'

const gtidForm = /^(\d{1,10})-(\d{1,10})-(\d{1,20})$/
const largestId = 2 ** 32 - 1
const largestSequence = 2n ** 64n - 1n

export class MariadbGtidPosition {
  static readonly empty = new MariadbGtidPosition(new Map())
  readonly #domains: ReadonlyMap<number, MariadbGtidEntry>

  private constructor(domains: ReadonlyMap<number, MariadbGtidEntry>) {
    this.#domains = domains
  }

  /** Of several in one domain (as in a GTID_LIST) the one with the highest sequence number counts. */
  static of(entries: Iterable<MariadbGtidEntry>): MariadbGtidPosition {
    const domains = new Map<number, MariadbGtidEntry>()
    for (const entry of entries) {
      const known = domains.get(entry.domain)
      if (known === undefined || known.sequence <= entry.sequence) domains.set(entry.domain, entry)
    }
    return new MariadbGtidPosition(domains)
  }

  static parse(text: string): MariadbGtidPosition {
    const parts = text.split(',').map((part) => part.trim())
    return MariadbGtidPosition.of(parts.filter((part) => part !== '').map((part) => parseGtid(part, text)))
  }

  get isEmpty(): boolean {
    return this.#domains.size === 0
  }

  /** After one more transaction, whatever its sequence number: the log's order decides. */
  with(gtid: MariadbGtidEntry): MariadbGtidPosition {
    const { domain, server, sequence } = gtid
    return new MariadbGtidPosition(new Map(this.#domains).set(domain, { domain, server, sequence }))
  }

  /** Whether the transaction is at or before this position. */
  has({ domain, sequence }: MariadbGtidEntry): boolean {
    const known = this.#domains.get(domain)
    return known !== undefined && known.sequence >= sequence
  }

  contains(other: MariadbGtidPosition): boolean {
    return [...other.#domains.values()].every((entry) => this.has(entry))
  }

  /** Of each domain the later position. */
  union(other: MariadbGtidPosition): MariadbGtidPosition {
    return MariadbGtidPosition.of([...this.#domains.values(), ...other.#domains.values()])
  }

  /** The domains in which this position is ahead of the other. */
  subtract(other: MariadbGtidPosition): MariadbGtidPosition {
    return MariadbGtidPosition.of([...this.#domains.values()].filter((entry) => !other.has(entry)))
  }

  equals(other: MariadbGtidPosition): boolean {
    return this.toString() === other.toString()
  }

  /** Without the domains or servers that the predicate refuses. */
  filter(keep: (gtid: MariadbGtidEntry) => boolean): MariadbGtidPosition {
    return MariadbGtidPosition.of([...this.#domains.values()].filter(keep))
  }

  entries(): readonly MariadbGtidEntry[] {
    return [...this.#domains.values()].sort((a, b) => a.domain - b.domain)
  }

  toString(): string {
    return this.entries().map(formatMariadbGtid).join(',')
  }
}

export function formatMariadbGtid({ domain, server, sequence }: MariadbGtidEntry): string {
  return `${domain}-${server}-${sequence}`
}

function parseGtid(part: string, text: string): MariadbGtidEntry {
  const match = gtidForm.exec(part)
  const [domain, server] = [Number(match?.[1]), Number(match?.[2])]
  const sequence = BigInt(match?.[3] ?? 0)
  if (match === null || domain > largestId || server > largestId || sequence > largestSequence)
    throw new ConfigError(
      `'${text}' is not a GTID position of MariaDB: '${part}' does not have the form domain-server-sequence.`,
    )
  return { domain, server, sequence }
}
