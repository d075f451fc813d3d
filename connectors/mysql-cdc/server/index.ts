export { BinlogFailure, type BinlogFailureKind } from './binlog-failure.ts'
export {
  type BinlogFrame,
  type BinlogOptions,
  BinlogSession,
  openBinlog,
} from './binlog-session.ts'
export { type Client, connect, type Row } from './client.ts'
export type { DumpOptions, LogStart } from './dump.ts'
export {
  type BinaryLog,
  binaryLogs,
  executedGtids,
  gtidsAt,
  LOG_BEGIN,
  logPosition,
  type LogPosition,
  purgedGtids,
  type ServerFacts,
  serverFacts,
} from './facts.ts'
export { ConnectionFailure, ConnectionLost, errorNumber, isConnectionLoss, ServerError } from './failures.ts'
export { initialStatements, type Login, placeOf, type Server, serverName } from './login.ts'
export { type Privilege, type Privileges, privileges } from './privileges.ts'
export type { TextRows } from './result-rows.ts'
export { noTlsFiles, type TlsFiles, tlsModes, type TlsPlan, tlsPlan } from './tls.ts'
