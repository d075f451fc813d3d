/** Recorded schema changes that differ from ours, and why ours are right. */
export const better: readonly string[] = [
  // MariaDB: IF NOT EXISTS keeps the column that is there.
  'mariadb-ddl: ALTER TABLE a ADD COLUMN IF NOT EXISTS x INT, ADD COLUMN IF : table changes',
  'mariadb-ddl: ALTER TABLE a DROP COLUMN IF EXISTS nope, DROP COLUMN x: table changes',
  // Parts of one statement, played one by one here: in between the table is there.
  'mariadb-ddl: RENAME TABLE IF EXISTS a TO tmp: table changes',
  // A period's columns are not null.
  'mariadb-ddl: CREATE TABLE app (id INT, s DATE, e DATE, PERIOD FOR val (s,: table changes',
  // A function is no constant to announce.
  "mariadb-defaults: CREATE TABLE `d1` ( `id` int(11) NOT NULL COMMENT 'k', `i` i: table changes",
  // A table's new character set is that of its new columns.
  'mysql-ddl-alter: ALTER TABLE t DEFAULT CHARACTER SET = latin1: table changes',
  'mysql-ddl-alter: ALTER TABLE t ADD COLUMN after_cs VARCHAR(5), ADD COLUMN tt : table changes',
  'mysql-ddl-alter: ALTER TABLE mysql_ddl_alter.t ADD COLUMN `order` INT, ADD CO: table changes',
  'mysql-ddl-alter: ALTER TABLE t /* inline comment */ ADD COLUMN cc INT -- trai: table changes',
  'mysql-ddl-alter: alter table `mysql_ddl_alter` . `t` drop cc , drop column DD: table changes',
  'mysql-ddl-alter: ALTER TABLE t ADD COLUMN gen INT GENERATED ALWAYS AS (`order: table changes',
  'mysql-ddl-alter: ALTER TABLE t RENAME TO t_renamed: table changes',
  'mysql-ddl-alter: ALTER TABLE t_renamed RENAME AS t, ADD COLUMN post_rename IN: table changes',
  'mysql-ddl-alter: ALTER TABLE t ADD COLUMN IFNOTEX INT INVISIBLE, DROP COLUMN : table changes',
  // Parts of one statement; and a record that names the database to which a table goes, not the session's.
  'mysql-ddl-tables: RENAME TABLE a2 TO tmp: table changes',
  'mysql-ddl-tables: RENAME TABLE moved_in TO mysql_ddl_tables_other.moved_out: table changes',
  // Hexadecimal and bit literals are not cut, and are what they are in the column's type.
  'mysql-defaults: CREATE TABLE `d_snap` ( `id` int NOT NULL, `i1` int DEFAULT : table changes',
  'mysql-defaults: CREATE TABLE d_str1 ( id INT NOT NULL AUTO_INCREMENT, i1 INT: table changes',
  'mysql-defaults: ALTER TABLE d_str1 ALTER COLUMN i1 SET DEFAULT 99, ALTER i2 : table changes',
  // ASCII, UNICODE and BYTE choose a character set.
  'mysql-types-charset: CREATE TABLE after_alter (id INT PRIMARY KEY, v VARCHAR(10),: table changes',
  'mysql-types-int: CREATE TABLE synonyms ( id SERIAL, a INT1, b INT2, c INT3, d: table changes',
]
