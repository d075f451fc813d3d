/** The kinds of binlog events by number, MySQL's and MariaDB's. */

export const eventType = {
  QUERY: 2,
  STOP: 3,
  ROTATE: 4,
  INTVAR: 5,
  RAND: 13,
  USER_VAR: 14,
  FORMAT_DESCRIPTION: 15,
  XID: 16,
  TABLE_MAP: 19,
  WRITE_ROWS_V1: 23,
  UPDATE_ROWS_V1: 24,
  DELETE_ROWS_V1: 25,
  INCIDENT: 26,
  HEARTBEAT: 27,
  IGNORABLE: 28,
  ROWS_QUERY: 29,
  WRITE_ROWS: 30,
  UPDATE_ROWS: 31,
  DELETE_ROWS: 32,
  GTID: 33,
  ANONYMOUS_GTID: 34,
  PREVIOUS_GTIDS: 35,
  VIEW_CHANGE: 37,
  XA_PREPARE: 38,
  PARTIAL_UPDATE_ROWS: 39,
  TRANSACTION_PAYLOAD: 40,
  HEARTBEAT_V2: 41,
  GTID_TAGGED: 42,
  MARIADB_ANNOTATE_ROWS: 160,
  MARIADB_BINLOG_CHECKPOINT: 161,
  MARIADB_GTID: 162,
  MARIADB_GTID_LIST: 163,
  MARIADB_START_ENCRYPTION: 164,
  MARIADB_QUERY_COMPRESSED: 165,
  MARIADB_WRITE_ROWS_COMPRESSED_V1: 166,
  MARIADB_UPDATE_ROWS_COMPRESSED_V1: 167,
  MARIADB_DELETE_ROWS_COMPRESSED_V1: 168,
  MARIADB_WRITE_ROWS_COMPRESSED: 169,
  MARIADB_UPDATE_ROWS_COMPRESSED: 170,
  MARIADB_DELETE_ROWS_COMPRESSED: 171,
} as const

/** Events of statement-based logging and of servers long gone: they are named in the error that refuses them. */
const refusedNames: Readonly<Record<number, string>> = {
  0: 'UNKNOWN',
  1: 'START_V3',
  6: 'LOAD',
  7: 'SLAVE',
  8: 'CREATE_FILE',
  9: 'APPEND_BLOCK',
  10: 'EXEC_LOAD',
  11: 'DELETE_FILE',
  12: 'NEW_LOAD',
  17: 'BEGIN_LOAD_QUERY',
  18: 'EXECUTE_LOAD_QUERY',
  20: 'PRE_GA_WRITE_ROWS',
  21: 'PRE_GA_UPDATE_ROWS',
  22: 'PRE_GA_DELETE_ROWS',
  36: 'TRANSACTION_CONTEXT',
}

const names: Readonly<Record<number, string>> = {
  ...refusedNames,
  ...Object.fromEntries(Object.entries(eventType).map(([name, type]) => [type, name])),
}

export function eventName(type: number): string {
  return names[type] ?? `of the unknown type ${type}`
}
