import { describe, expect, it } from 'vitest'
import {
  applyStatements,
  Catalog,
  type Change,
  declaredColumn,
  dialectOf,
  mariadbDialect,
  mysqlDialect,
  parseDdl,
  type SessionContext,
  type TableId,
} from '../../../../../connectors/mysql-cdc/ddl/index.ts'
import { DecodeError } from '../../../../../src/errors.ts'

const session: SessionContext = {
  server: 'mysql',
  database: 'd',
  serverCharset: null,
  implicitTimestamps: false,
}

function play(
  sql: string,
  catalog = new Catalog(),
  dialect = mysqlDialect,
): { catalog: Catalog; changes: readonly Change[] } {
  const changes = applyStatements(catalog, parseDdl(sql, dialect), { ...session, server: dialect.server })
  return { catalog, changes }
}

function column(definition: string, dialect = mysqlDialect) {
  const { catalog } = play(`CREATE TABLE t (c ${definition}) CHARSET=latin1`, new Catalog(), dialect)
  return catalog.get({ database: 'd', table: 't' })?.columns[0]
}

describe('statements', () => {
  it.each([
    ['CREATE TABLE t (a INT', 22, 'its end'],
    ['ALTER TABLE t ADD c NOTYPE', 21, "near 'NOTYPE'"],
    ['ALTER TABLE t ADD c INT SURPRISING', 25, "near 'SURPRISING'"],
    ["CREATE TABLE t (a INT COMMENT 'x)", 31, "near ''x)'"],
    ['RENAME TABLE a, b', 15, "near ', b'"],
  ])('refuses %s', (sql, position, near) => {
    const refusal = () => parseDdl(sql, mysqlDialect)
    expect(refusal).toThrow(DecodeError)
    expect(refusal).toThrow(`at character ${position}, ${near}`)
    expect(refusal).toThrow('schema.history.internal.skip.unparseable.ddl=true')
  })

  it.each([
    'CREATE PROCEDURE p () BEGIN DROP TABLE t; CREATE TABLE (; END',
    'CREATE DEFINER=`a`@`b` TRIGGER x AFTER INSERT ON t FOR EACH ROW BEGIN DROP TABLE t; END',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DROP TABLE t; END',
    'CREATE OR REPLACE VIEW v AS SELECT 1',
    'VIEW v AS SELECT 1',
    "CREATE USER x IDENTIFIED BY 'y'",
    'GRANT ALL ON *.* TO x',
    'INSERT INTO t VALUES (1)',
    "XA START 'x'",
    '# nothing',
    '',
    ';;',
  ])('changes nothing by %s', (sql) => {
    const { catalog } = play('CREATE TABLE t (a INT)')
    expect(play(sql, catalog).changes).toEqual([])
    expect(catalog.get({ database: 'd', table: 't' })?.columns).toHaveLength(1)
  })

  it('reads several in one text', () => {
    const { changes } = play('USE e; CREATE TABLE a (x INT); DROP TABLE d.b;')
    expect(changes).toEqual([
      { kind: 'database', database: 'e', ddl: 'USE e' },
      { kind: 'create', id: { database: 'e', table: 'a' }, ddl: 'CREATE TABLE a (x INT)' },
      { kind: 'drop', id: { database: 'd', table: 'b' }, ddl: 'DROP TABLE `d`.`b`' },
    ])
  })

  it('ends the recorded part at the last token', () => {
    const { changes } = play('/* a */ CREATE TABLE t (a INT) /*!50100 PARTITION BY HASH (a) */ -- b')
    expect(changes[0]?.ddl).toBe('CREATE TABLE t (a INT) /*!50100 PARTITION BY HASH (a)')
    const sql =
      'SET STATEMENT max_statement_time=1 FOR CREATE TABLE t (a INT) /*!50100 PARTITION BY HASH (a) */'
    expect(play(sql, new Catalog(), mariadbDialect).changes[0]?.ddl).toBe('CREATE TABLE t (a INT)')
  })

  it('does not know the columns of CREATE TABLE … SELECT', () => {
    const { catalog } = play('CREATE TABLE t (a INT)')
    expect(play('CREATE TABLE t2 LIKE nothing', catalog).changes[0]?.kind).toBe('unknown-columns')
    expect(play('CREATE TABLE t (a INT) AS SELECT 1 AS b', catalog).changes[0]?.kind).toBe('unknown-columns')
    expect(catalog.get({ database: 'd', table: 't' })).toBeNull()
  })

  it.each([
    'DROP x',
    'MODIFY x INT',
    'CHANGE x y INT',
    'RENAME COLUMN x TO y',
    'ALTER x DROP DEFAULT',
    'ADD y INT AFTER x',
  ])('halts at a column that is not there: %s', (clause) => {
    const { catalog } = play('CREATE TABLE t (a INT)')
    expect(() => play(`ALTER TABLE t ${clause}`, catalog)).toThrow(
      'alters the column x of d.t, which the schema history does not know',
    )
  })

  it('passes over a column that need not be there', () => {
    const { catalog } = play('CREATE TABLE t (a INT)')
    const sql =
      'ALTER TABLE t DROP IF EXISTS x, MODIFY IF EXISTS x INT, CHANGE IF EXISTS x y INT, RENAME COLUMN IF EXISTS x TO y, ALTER IF EXISTS x DROP DEFAULT'
    expect(play(sql, catalog, mariadbDialect).changes).toHaveLength(1)
    expect(catalog.get({ database: 'd', table: 't' })?.columns.map(({ name }) => name)).toEqual(['a'])
  })

  it('makes a table of a partition, and a partition of a table', () => {
    const { catalog } = play(
      "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9) DEFAULT 'x') PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN (9), PARTITION q VALUES LESS THAN (99))",
      new Catalog(),
      mariadbDialect,
    )
    const [t, x] = ['t', 'x'].map((table) => ({ database: 'd', table })) as [TableId, TableId]
    const out = 'ALTER TABLE t CONVERT PARTITION p TO TABLE x'
    expect(play(out, catalog, mariadbDialect).changes).toEqual([
      { kind: 'alter', id: t, previous: null, ddl: out },
      { kind: 'create', id: x, ddl: out },
    ])
    expect(catalog.get(x)).toEqual({ ...catalog.get(t), id: x })
    const back = 'ALTER TABLE t CONVERT TABLE x TO PARTITION p VALUES LESS THAN (9) WITHOUT VALIDATION'
    expect(play(back, catalog, mariadbDialect).changes).toEqual([
      { kind: 'alter', id: t, previous: null, ddl: back },
      { kind: 'drop', id: x, ddl: back },
    ])
    expect([catalog.get(x), catalog.get(t)?.columns.length]).toEqual([null, 2])
    play('CREATE TABLE x (id INT)', catalog, mariadbDialect)
    play('ALTER TABLE unknown CONVERT TABLE x TO PARTITION p VALUES LESS THAN (9)', catalog, mariadbDialect)
    expect(catalog.get(x)).toBeNull()
    play('ALTER TABLE t CONVERT PARTITION p TO TABLE e.x', catalog, mariadbDialect)
    expect(catalog.get({ database: 'e', table: 'x' })?.key).toEqual(['id'])
  })

  it('leaves out what is for another server', () => {
    const sql = 'CREATE TABLE t (a INT /*M! NOT NULL */, b INT /*!80000 NOT NULL */)'
    const nullable = (dialect: typeof mysqlDialect) =>
      play(sql, new Catalog(), dialect)
        .catalog.get({ database: 'd', table: 't' })
        ?.columns.map(({ optional }) => optional)
    expect(nullable(mysqlDialect)).toEqual([true, false])
    expect(nullable(mariadbDialect)).toEqual([false, true])
  })

  it('reads the modes of a session', () => {
    expect(parseDdl('DROP TABLE "a""b"', dialectOf('mysql', 4n))).toMatchObject([
      { tables: [{ table: 'a"b' }] },
    ])
    expect(column("VARCHAR(3) DEFAULT '\\'", dialectOf('mysql', 0x100000n))?.defaultExpression).toBe('\\\\')
  })
})

describe('databases', () => {
  it('hand their character sets down', () => {
    const { catalog } = play(
      'SET character_set_server=latin2, collation_server=latin2_bin; CREATE DATABASE a; CREATE DATABASE b COLLATE cp1251_bin;' +
        'CREATE TABLE a.t (c TEXT); CREATE TABLE b.t (c TEXT, d TEXT CHARSET DEFAULT); ALTER DATABASE b CHARSET koi8r; CREATE TABLE b.u (c TEXT)',
    )
    const charsets = [...catalog.tables()].map(({ columns }) => columns.map(({ charset }) => charset))
    expect(charsets).toEqual([['latin2'], ['cp1251', 'cp1251'], ['koi8r']])
  })

  it('take their tables with them', () => {
    const { catalog } = play('CREATE TABLE a.t (c INT); CREATE TABLE b.t (c INT); DROP DATABASE IF EXISTS a')
    expect([...catalog.tables()].map(({ id }) => id.database)).toEqual(['b'])
  })

  it('fold the case of names on servers that do', () => {
    const catalog = new Catalog({ foldsCase: true })
    play('CREATE TABLE D.T (c INT); ALTER TABLE t ADD x INT', catalog)
    expect(catalog.get({ database: 'd', table: 't' })?.columns).toHaveLength(2)
  })
})

describe('defaults', () => {
  it.each([
    ["VARCHAR(9) DEFAULT 'it''s \\'x\\''", "it''s \\'x\\'", { kind: 'text', text: "it's 'x'" }],
    ['VARCHAR(9) DEFAULT "d""q\'s"', "d\"q''s", { kind: 'text', text: 'd"q\'s' }],
    ["VARCHAR(9) DEFAULT 'a' 'b'", 'ab', { kind: 'text', text: 'ab' }],
    ["VARCHAR(9) DEFAULT _utf8mb4'x' COLLATE utf8mb4_bin", 'x', { kind: 'text', text: 'x' }],
    ["VARCHAR(9) DEFAULT N'x'", "N'x'", { kind: 'text', text: 'x' }],
    ['VARCHAR(9) DEFAULT 0x4142', "X'4142'", { kind: 'bytes', bytes: Buffer.from('AB') }],
    ['INT DEFAULT 0x10', '16', { kind: 'number', text: '16' }],
    ["INT DEFAULT b'11'", '3', { kind: 'number', text: '3' }],
    ['INT DEFAULT - 7', '-7', { kind: 'number', text: '-7' }],
    ['BOOL DEFAULT true', 'true', { kind: 'number', text: '1' }],
    ["BIT(8) DEFAULT b'0101'", '0101', { kind: 'bits', digits: '0101' }],
    ['BIT(8) DEFAULT 5', '101', { kind: 'bits', digits: '101' }],
    ["BIT(8) DEFAULT X'05'", '101', { kind: 'bits', digits: '101' }],
    ['BIT DEFAULT true', 'true', { kind: 'bits', digits: '1' }],
    [
      'DATETIME(3) DEFAULT NOW(3) ON UPDATE NOW(3)',
      '1970-01-01 00:00:00',
      { kind: 'text', text: '1970-01-01 00:00:00' },
    ],
    ["DATE DEFAULT DATE '2020-01-02'", '2020-01-02', { kind: 'text', text: '2020-01-02' }],
  ])('%s', (definition, recorded, literal) => {
    const made = column(definition)
    expect(made?.defaultExpression).toBe(recorded)
    expect(made?.default).toEqual(literal)
    expect(made?.hasDefault).toBe(true)
  })

  it.each(['INT', 'INT DEFAULT NULL', 'INT DEFAULT (1 + (2))', 'VARCHAR(36) DEFAULT (uuid())'])(
    '%s: none to tell',
    (definition) => {
      expect(column(definition)).toMatchObject({ default: null, defaultExpression: null, hasDefault: true })
    },
  )

  it('may be expressions without parentheses on MariaDB', () => {
    expect(column("UUID DEFAULT uuid() COMMENT 'x'", mariadbDialect)).toMatchObject({
      default: null,
      comment: 'x',
    })
    expect(column('INT DEFAULT NEXT VALUE FOR d.s NOT NULL', mariadbDialect)).toMatchObject({
      optional: false,
    })
  })
})

describe('what the type table gets', () => {
  it('has the labels as they are', () => {
    const made = column("ENUM('a,b', 'it''s', 'x\\\\y', \"d'q\") NOT NULL DEFAULT 'a,b'")
    expect(made === undefined ? null : declaredColumn(made)).toEqual({
      name: 'c',
      declaredType: 'ENUM',
      length: 1,
      scale: null,
      charset: 'latin1',
      labels: ['a,b', "it's", 'x\\y', "d'q"],
      optional: false,
      default: { kind: 'text', text: 'a,b' },
    })
  })

  it('has names with back quotes as Debezium writes them', () => {
    const { catalog } = play(
      'CREATE TABLE t (`a``b` INT); ALTER TABLE t ADD `c``d` INT, RENAME COLUMN `a``b` TO `e``f`',
    )
    const columns = catalog.get({ database: 'd', table: 't' })?.columns ?? []
    expect(columns.map(({ name }) => name)).toEqual(['e`f', 'c`d'])
    expect(columns.map((each) => declaredColumn(each).name)).toEqual(['e``f', 'c``d'])
    expect(
      play('ALTER TABLE t DROP `c``d`', catalog).catalog.get({ database: 'd', table: 't' })?.columns,
    ).toHaveLength(1)
  })
})
