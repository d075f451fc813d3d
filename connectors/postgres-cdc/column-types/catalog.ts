/**
 * What the types need to know of PostgreSQL's system catalogue: the rows of pg_type behind a type's oid, and the
 * columns of a table. The queries stand here, next to the shape of their rows; whoever holds a connection runs them.
 */

/** Which kind of type: base, composite, domain, enum, pseudo, range, multirange. */
export type PgTypeKind = 'b' | 'c' | 'd' | 'e' | 'p' | 'r' | 'm'

export interface PgType {
  readonly oid: number
  readonly name: string
  readonly schema: string
  readonly kind: PgTypeKind
  /** The oid of an array type's items; 0 for all other types (`point` only looks like one). */
  readonly element: number
  /** The oid of a domain's base type, else 0. */
  readonly base: number
  /** The modifier that a domain gives its base type, else -1. */
  readonly baseModifier: number
  /** A domain declared NOT NULL: its columns are, too. */
  readonly notNull: boolean
  /** An enum's labels in their sort order; empty for all other types. */
  readonly labels: readonly string[]
}

/** One column of a table version. */
export interface PgColumn {
  readonly name: string
  readonly typeOid: number
  readonly typeModifier: number
  readonly notNull: boolean
  /** pg_get_expr's text of the DEFAULT, null without one. For a generated column it is the generating expression. */
  readonly defaultExpression: string | null
  /** GENERATED … AS IDENTITY: such a column has no default that anybody could know. */
  readonly identity: boolean
  /** GENERATED … AS (expression). */
  readonly generated: boolean
}

/** One row per type of the database. Composite types that belong to tables come along: columns may be of them. */
export const typeQuery = `
  SELECT t.oid, t.typname AS name, n.nspname AS schema, t.typtype AS kind,
         CASE WHEN t.typcategory = 'A' AND t.typlen = -1 THEN t.typelem ELSE 0 END AS element,
         t.typbasetype AS base, t.typtypmod AS "baseModifier", t.typnotnull AS "notNull",
         ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS labels
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace`

/** The same for a few types by oid ($1 oid[]), when a relation names one that was made since. */
export const typesByOidQuery = `${typeQuery}
   WHERE t.oid = ANY($1::oid[])`

/** The columns of some tables ($1 oid[]), in the order of the table. `number` and `table` are for the reader's own use. */
export const columnQuery = `
  SELECT a.attrelid AS table, a.attnum AS number, a.attname AS name, a.atttypid AS "typeOid",
         a.atttypmod AS "typeModifier", a.attnotnull AS "notNull",
         pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS "defaultExpression",
         a.attidentity <> '' AS identity, a.attgenerated <> '' AS generated
    FROM pg_catalog.pg_attribute a
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = ANY($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
   ORDER BY a.attrelid, a.attnum`

/** A row of `columnQuery`. */
export interface PgColumnRow extends PgColumn {
  readonly table: number
  readonly number: number
}

/** The types that are known so far. Types are never forgotten: an oid is not given twice while its type is in use. */
export class TypeCatalog {
  readonly #types = new Map<number, PgType>()

  constructor(rows: Iterable<PgType> = []) {
    this.add(rows)
  }

  /** Adds rows of `typeQuery`; a type that is known already is replaced (an enum may have got a label). */
  add(rows: Iterable<PgType>): void {
    for (const row of rows) this.#types.set(row.oid, row)
  }

  get(oid: number): PgType | undefined {
    return this.#types.get(oid)
  }

  /** Of these types, their items and their base types, the ones that are not known: time to ask the database. */
  missing(oids: Iterable<number>): readonly number[] {
    const missing = new Set<number>()
    const visit = (oid: number): void => {
      const type = this.#types.get(oid)
      if (type === undefined) missing.add(oid)
      else if (type.element !== 0) visit(type.element)
      else if (type.base !== 0) visit(type.base)
    }
    for (const oid of oids) visit(oid)
    return [...missing]
  }
}
