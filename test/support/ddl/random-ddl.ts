/** Random DDL of both servers, from a seed. Some of it a server refuses; what it takes is what the corpus keeps. */

import { columnDefinition } from './random-columns.ts'
import type { Random, Server } from './random.ts'

/** What is in the database at that moment, by name. */
export type Shadow = ReadonlyMap<string, readonly string[]>

const names = [
  'a',
  'b',
  'c',
  'd',
  'e',
  'f',
  'g',
  'h',
  'Col',
  'UPPER',
  'mixed_Case',
  '`sp ace`',
  '`select`',
  '`back``tick`',
  '`ünï`',
  'x1',
  '$y',
  '`1st`',
  'comment',
  'status',
  '`key`',
  '`a.b`',
  'type',
  'value',
  '`column`',
  'date',
  'text',
  'first_',
  '`after`',
]
const tableNames = ['t', 't1', 't2', '`T 3`', '`order`', 'tab_4', '`t 5`', 'x', '`täb`', 'u', 'v', 'w']

export function statement(random: Random, server: Server, shadow: Shadow): string {
  const tables = [...shadow.keys()]
  if (tables.length < 2 || random.chance(14)) return createTable(random, server)
  const table = random.pick(tables)
  const columns = shadow.get(table) ?? []
  const form = random.below(100)
  if (form < 66) return alterTable(random, server, table, columns)
  if (form < 72) return renameTables(random, tables)
  if (form < 77)
    return `${random.pick(['DROP TABLE', 'drop table if exists'])} ${quoted(table)}${random.pick(['', '', ' CASCADE'])}`
  if (form < 80)
    return `CREATE TABLE ${random.pick(tableNames)} ${random.pick([`LIKE ${quoted(table)}`, `(LIKE ${quoted(table)})`])}`
  if (form < 86) return createIndex(random, table, columns)
  if (form < 88) return `TRUNCATE ${random.pick(['TABLE ', ''])}${quoted(table)}`
  if (form < 90)
    return `ALTER DATABASE ${random.pick(['CHARACTER SET latin1', 'DEFAULT COLLATE utf8mb4_bin', 'CHARSET = utf8mb4'])}`
  if (form < 92) return `CREATE OR REPLACE VIEW vw AS SELECT 1 AS one, ';' AS two`
  if (form < 94) return `DROP VIEW IF EXISTS vw`
  if (form < 96)
    return (
      'CREATE TRIGGER trg BEFORE INSERT ON ' +
      quoted(table) +
      ' FOR EACH ROW BEGIN SET @x = 1; SET @y = 2; END'
    )
  if (form < 98)
    return server === 'mariadb'
      ? `CREATE OR REPLACE TABLE ${quoted(table)} (id INT PRIMARY KEY, z DATE)`
      : 'DROP TRIGGER IF EXISTS trg'
  return `CREATE PROCEDURE p${random.below(999)} () BEGIN DROP TABLE ${quoted(table)}; SELECT ';'; END`
}

export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

function columnName(random: Random, columns: readonly string[]): string {
  const column = random.pick(columns.length === 0 ? ['none'] : columns)
  return random.chance(15) && /^\w+$/.test(column) ? quoted(column.toUpperCase()) : quoted(column)
}

function createTable(random: Random, server: Server): string {
  const count = 1 + random.below(7)
  const used = new Set<string>()
  while (used.size < count) used.add(random.pick(names))
  const columns = [...used]
  const items = columns.map((column) => `${column} ${columnDefinition(random, server)}`)
  if (random.chance(40))
    items.unshift(
      `id ${random.pick(['INT AUTO_INCREMENT PRIMARY KEY', 'SERIAL', 'BIGINT UNSIGNED NOT NULL AUTO_INCREMENT KEY', "int primary key comment 'k'"])}`,
    )
  else if (random.chance(60))
    items.push(
      `${random.pick(['PRIMARY KEY', 'CONSTRAINT pk PRIMARY KEY', 'primary key using btree'])} (${random.pick(columns)})`,
    )
  if (random.chance(25))
    items.push(
      `${random.pick(['UNIQUE', 'UNIQUE KEY uk', 'CONSTRAINT `u c` UNIQUE INDEX'])} (${random.pick(columns)})`,
    )
  if (random.chance(15)) items.push(`KEY (${random.pick(columns)} DESC)`)
  if (random.chance(10)) items.push("CONSTRAINT CHECK (1 IN (1, 2) OR ')' = '(')")
  const head = random.pick([
    'CREATE TABLE',
    'create table',
    'CREATE TABLE IF NOT EXISTS',
    'CREATE /* c */ TABLE',
  ])
  const separator = random.pick([', ', ',\n  ', ' , '])
  return `${head} ${random.pick(tableNames)} (${items.join(separator)})${tableOptions(random)}`
}

function tableOptions(random: Random): string {
  let text = ''
  if (random.chance(25)) text += ' ENGINE=InnoDB'
  if (random.chance(30))
    text += random.pick([
      ' DEFAULT CHARSET=latin1',
      ' CHARACTER SET utf8mb4',
      ' COLLATE utf8mb4_bin',
      ' CHARSET latin2 COLLATE latin2_bin',
      ' default character set = utf8mb3',
      ' COLLATE=latin1_bin',
    ])
  if (random.chance(15)) text += random.pick([" COMMENT='t, c'", ' comment "x"'])
  if (random.chance(10)) text += ' ROW_FORMAT=DYNAMIC, STATS_PERSISTENT=0'
  return text
}

function place(random: Random, columns: readonly string[]): string {
  return random.pick([
    '',
    '',
    '',
    ' FIRST',
    ` AFTER ${columnName(random, columns)}`,
    ` AFTER ${columnName(random, columns)}`,
  ])
}

function alterTable(random: Random, server: Server, table: string, columns: readonly string[]): string {
  const clauses = Array.from({ length: random.pick([1, 1, 1, 2, 2, 3]) }, () =>
    alterClause(random, server, columns),
  )
  const tail = random.chance(8)
    ? random.pick([', ALGORITHM=COPY', ', LOCK=SHARED', ' , ALGORITHM = DEFAULT'])
    : ''
  return `${random.pick(['ALTER TABLE', 'alter table', 'ALTER TABLE'])} ${quoted(table)} ${clauses.join(random.pick([', ', ',\n']))}${tail}`
}

function alterClause(random: Random, server: Server, columns: readonly string[]): string {
  const definition = () => columnDefinition(random, server)
  const column = columnName(random, columns)
  const fresh = random.pick(names)
  const maria = server === 'mariadb'
  const forms: readonly (readonly [weight: number, make: () => string])[] = [
    [
      22,
      () =>
        `ADD ${random.pick(['COLUMN ', '', maria ? 'COLUMN IF NOT EXISTS ' : ''])}${fresh} ${definition()}${place(random, columns)}`,
    ],
    [4, () => `ADD COLUMN (${fresh} ${definition()}, ${random.pick(names)} ${definition()})`],
    [
      14,
      () =>
        `MODIFY ${random.pick(['COLUMN ', '', maria ? 'COLUMN IF EXISTS ' : ''])}${column} ${definition()}${place(random, columns)}`,
    ],
    [
      14,
      () =>
        `CHANGE ${random.pick(['COLUMN ', ''])}${column} ${random.chance(40) ? column : fresh} ${definition()}${place(random, columns)}`,
    ],
    [10, () => `DROP ${random.pick(['COLUMN ', '', 'column '])}${column}`],
    [9, () => `RENAME COLUMN ${column} TO ${fresh}`],
    [
      4,
      () =>
        `ALTER ${random.pick(['COLUMN ', ''])}${column} ${random.pick(["SET DEFAULT '1'", 'DROP DEFAULT', 'SET DEFAULT NULL', 'SET DEFAULT 7'])}`,
    ],
    [3, () => `DROP PRIMARY KEY`],
    [4, () => `ADD PRIMARY KEY (${column})`],
    [4, () => `ADD ${random.pick(['UNIQUE', 'UNIQUE KEY', 'CONSTRAINT uq UNIQUE'])} (${column})`],
    [2, () => `ADD ${random.pick(['INDEX', 'KEY ix'])} (${column})`],
    [
      3,
      () => `CONVERT TO CHARACTER SET ${random.pick(['utf8mb4', 'latin1', 'utf8mb3 COLLATE utf8mb3_bin'])}`,
    ],
    [3, () => random.pick(['DEFAULT CHARSET=utf8mb4', 'CHARACTER SET latin1', 'COLLATE = utf8mb4_bin'])],
    [2, () => random.pick(["COMMENT 'new'", 'COMMENT="n"', 'ENGINE=InnoDB', 'AUTO_INCREMENT=5'])],
    // MariaDB 10.11 leaves the old table behind when it renames and copies at once.
    [maria ? 0 : 2, () => `RENAME ${random.pick(['TO ', 'AS ', ''])}${random.pick(tableNames)}`],
  ]
  let rest = random.below(forms.reduce((sum, [weight]) => sum + weight, 0))
  for (const [weight, make] of forms) {
    if (rest < weight) return make()
    rest -= weight
  }
  return 'ENGINE=InnoDB'
}

function renameTables(random: Random, tables: readonly string[]): string {
  const [first, second] = [random.pick(tables), random.pick(tables)]
  return random.chance(40) && first !== second
    ? `RENAME TABLE ${quoted(first)} TO swap, ${quoted(second)} TO ${quoted(first)}, swap TO ${quoted(second)}`
    : `rename table ${quoted(first)} to ${random.pick(tableNames)}`
}

function createIndex(random: Random, table: string, columns: readonly string[]): string {
  const column = columnName(random, columns)
  return random.pick([
    `CREATE UNIQUE INDEX ui ON ${quoted(table)} (${column})`,
    `CREATE INDEX i ON ${quoted(table)} (${column})`,
    `DROP INDEX ui ON ${quoted(table)}`,
  ])
}
