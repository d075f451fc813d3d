/** A row of the table of known properties. */
import type { ClientRole } from './client-properties.ts'

export type Support =
  /** As in Java's clients. */
  | 'honoured'
  /** In another way, or within other bounds. */
  | 'mapped'
  /** Changes nothing; named in a warning, once. */
  | 'without effect'
  /** An error, except for the values that change nothing. */
  | 'refused'

export interface PropertyGroup {
  readonly names: readonly string[]
  readonly clients: readonly ClientRole[]
  readonly support: Support
  /** What it does here, or why it does not. */
  readonly note: string
  /** Of refused ones: values that ask for nothing. */
  readonly harmless: readonly string[]
}

/** Makes rows: clients and names stand in one text, apart by blanks. */
function rows(support: Support) {
  return (clients: string, names: string, note: string, ...harmless: readonly string[]): PropertyGroup => ({
    names: names.trim().split(/\s+/),
    clients: clients.split(' ') as ClientRole[],
    ...{ support, note, harmless },
  })
}

export const everyClient = 'producer consumer admin'
export const honoured = rows('honoured')
export const mapped = rows('mapped')
export const withoutEffect = rows('without effect')
export const refused = rows('refused')
