/** Random definitions of columns: every type and attribute of both servers. */
import type { Random, Server } from './random.ts'

interface TypeForms {
  readonly forms: readonly string[]
  readonly defaults: readonly string[]
}

const integers: TypeForms = {
  forms: [
    'INT',
    'int(11)',
    'INTEGER UNSIGNED',
    'TINYINT',
    'tinyint(1)',
    'SMALLINT(5) ZEROFILL',
    'MEDIUMINT UNSIGNED',
    'middleint',
    'BIGINT',
    'bigint(20) unsigned',
    'INT1',
    'INT2',
    'INT3',
    'int4 UNSIGNED',
    'INT8',
    'BOOL',
    'boolean',
    'INT SIGNED',
    'int unsigned zerofill',
    'INT(5) ZEROFILL',
  ],
  defaults: ['0', '1', "'2'", '+3', 'TRUE', 'false', '0x07', "b'11'", "x'0A'", 'NULL', '4.0'],
}
const decimals: TypeForms = {
  forms: [
    'DECIMAL',
    'decimal(5)',
    'DECIMAL(12,4) UNSIGNED',
    'DEC(6,2)',
    'FIXED(7,3)',
    'NUMERIC(8)',
    'numeric(20,10)',
    'FLOAT',
    'float(7,3)',
    'FLOAT(20)',
    'FLOAT(30)',
    'FLOAT UNSIGNED',
    'FLOAT4',
    'FLOAT8',
    'DOUBLE',
    'double precision',
    'DOUBLE(10,2)',
    'DOUBLE PRECISION UNSIGNED',
    'REAL',
    'decimal(9,3) zerofill',
  ],
  defaults: ['0', '1.5', "'2.25'", '1e1', '.5', 'NULL', '3.'],
}
const texts: TypeForms = {
  forms: [
    'CHAR',
    'char(5)',
    'CHARACTER(7)',
    'VARCHAR(20)',
    'varchar(255)',
    'CHARACTER VARYING(9)',
    'CHAR VARYING(9)',
    'NCHAR(4)',
    'NVARCHAR(6)',
    'NATIONAL CHAR(3)',
    'NATIONAL CHARACTER VARYING(3)',
    'NATIONAL VARCHAR(8)',
    'NCHAR VARYING(5)',
    'VARCHAR(5) BINARY',
    'VARCHAR(5) ASCII',
    'CHAR(4) UNICODE',
    'CHAR(4) BYTE',
    'VARCHAR(6) CHARACTER SET latin1',
    'varchar(6) charset utf8mb4 collate utf8mb4_bin',
    'VARCHAR(7) COLLATE latin1_bin',
    'char(2) character set latin2',
    'VARCHAR(4) CHARACTER SET binary',
    'char(3) charset ucs2',
    'VARCHAR(9) CHAR SET utf8mb3',
    'VARCHAR(0)',
    'varchar(6) binary character set cp1251',
    'VARCHAR(8) COLLATE utf8mb4_unicode_ci',
  ],
  defaults: [
    "''",
    "'a'",
    '"b"',
    "'it''s'",
    "'q\"q'",
    '"d""d"',
    "'c,d'",
    "'('",
    "')'",
    "'--'",
    "'/*'",
    'NULL',
    "_utf8mb4'x'",
    "N'n'",
    "'a' 'b'",
    '0x61',
    "X'62'",
    '5',
    "'\\\\'",
    "'\\n'",
    "'COMMENT'",
    "'ü'",
  ],
}
const large: TypeForms = {
  forms: [
    'TEXT',
    'text(100)',
    'TEXT(70000)',
    'TINYTEXT',
    'MEDIUMTEXT',
    'LONGTEXT CHARACTER SET utf8mb4',
    'LONG',
    'LONG VARCHAR',
    'TINYBLOB',
    'BLOB',
    'blob(300)',
    'MEDIUMBLOB',
    'LONGBLOB',
    'LONG VARBINARY',
    'JSON',
    'TEXT BINARY',
    'MEDIUMTEXT COLLATE latin1_bin',
  ],
  defaults: [],
}
const binaries: TypeForms = {
  forms: ['BINARY', 'binary(3)', 'VARBINARY(10)', 'BIT', 'bit(8)', 'BIT(33)'],
  defaults: ['NULL', "'1'", '0x01', "b'1'"],
}
const temporals: TypeForms = {
  forms: [
    'DATE',
    'TIME',
    'time(3)',
    'YEAR',
    'DATETIME',
    'datetime(6)',
    'TIMESTAMP NULL',
    'timestamp(3) null',
  ],
  defaults: ['NULL'],
}
const labels: TypeForms = {
  forms: [
    "ENUM('a','b')",
    "enum('x','it''s','c,d')",
    "ENUM('k','l') CHARACTER SET latin1",
    "SET('a','b','c')",
    "set('p', 'q') collate utf8mb4_bin",
    "ENUM('(',')',';')",
    'ENUM("dq",\'sq\')',
    "SET('one')",
  ],
  defaults: ['NULL'],
}
const shapes: TypeForms = {
  forms: [
    'GEOMETRY',
    'POINT',
    'LINESTRING',
    'POLYGON',
    'MULTIPOINT',
    'MULTILINESTRING',
    'MULTIPOLYGON',
    'GEOMETRYCOLLECTION',
  ],
  defaults: [],
}
const ownTypes: Readonly<Record<Server, readonly string[]>> = {
  mysql: ['VECTOR(3)', 'vector', 'POINT SRID 4326', 'GEOMCOLLECTION', 'VARCHARACTER(4)', 'LONG CHAR VARYING'],
  mariadb: [
    'INET6',
    'INET4',
    'UUID',
    'VARCHAR(30) COMPRESSED',
    'BLOB COMPRESSED',
    'POINT REF_SYSTEM_ID=4326',
  ],
}

const families = [
  integers,
  integers,
  texts,
  texts,
  texts,
  decimals,
  large,
  binaries,
  temporals,
  labels,
  shapes,
]

export function columnDefinition(random: Random, server: Server): string {
  if (random.chance(5)) return random.pick(ownTypes[server])
  const family = random.pick(families)
  const parts = [random.pick(family.forms)]
  if (family === texts || family === large) parts.push(...generated(random, server, 5))
  if (random.chance(35)) parts.push(random.pick(['NOT NULL', 'not null', 'NULL']))
  if (family === temporals && random.chance(15)) parts.push(...currentTime(random, parts[0] as string))
  else if (family.defaults.length > 0 && random.chance(45))
    parts.push('DEFAULT', random.pick(family.defaults))
  if (family === integers && random.chance(8)) parts.push(random.pick(['UNIQUE', 'unique key']))
  parts.push(...trimmings(random, server))
  return parts.join(' ')
}

function currentTime(random: Random, type: string): string[] {
  const digits = /\(\d\)/.exec(type)?.[0] ?? ''
  if (!/^(datetime|timestamp)/i.test(type)) return []
  const now = random.pick([
    `CURRENT_TIMESTAMP${digits}`,
    `now${digits === '' ? '()' : digits}`,
    `LOCALTIMESTAMP${digits}`,
  ])
  return ['DEFAULT', now, ...(random.chance(50) ? ['ON UPDATE', `CURRENT_TIMESTAMP${digits}`] : [])]
}

function generated(random: Random, server: Server, percent: number): string[] {
  if (!random.chance(percent)) return []
  const kind = server === 'mariadb' ? ['VIRTUAL', 'PERSISTENT', 'STORED', ''] : ['VIRTUAL', 'STORED', '']
  return [random.pick(['GENERATED ALWAYS AS', 'AS']), "(concat('a,', (')')))", random.pick(kind)]
}

function trimmings(random: Random, server: Server): string[] {
  const found: string[] = []
  if (random.chance(10)) found.push(random.pick(["COMMENT 'c, d'", 'comment "it\'s"', "COMMENT ''"]))
  if (random.chance(5)) found.push('CHECK (1 < (2))')
  if (random.chance(4)) found.push('INVISIBLE')
  if (server === 'mysql' && random.chance(4))
    found.push(random.pick(['COLUMN_FORMAT FIXED', 'STORAGE DISK', 'VISIBLE']))
  if (random.chance(4)) found.push(random.pick(['/* c , ) */', "/*!40000 COMMENT 'x' */", '-- x\n']))
  return found
}
