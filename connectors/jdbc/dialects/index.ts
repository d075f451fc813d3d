/** The dialect of a connection. */
import type { Engine } from '#sql'
import type { Dialect } from './dialect.ts'
import { mariadbDialect, mysqlDialect } from './mysql.ts'
import { postgresDialect } from './postgres.ts'
import { sqliteDialect } from './sqlite.ts'

export function dialectOf(engine: Engine): Dialect {
  switch (engine) {
    case 'postgres':
      return postgresDialect
    case 'sqlite':
      return sqliteDialect
    case 'mariadb':
      return mariadbDialect
    case 'mysql':
      return mysqlDialect
  }
}
