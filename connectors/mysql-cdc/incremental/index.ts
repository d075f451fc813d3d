/** Signals, notifications and incremental snapshots of MySQL and MariaDB, put together. */
import {
  atRest,
  LogWatermarks,
  type Notifier,
  readProgress,
  type RowOrigin,
  type SignalAction,
  type SignalConfig,
  signalChannelsOf,
  SignalStage,
  signalTables,
  TableWatermarks,
} from '#cdc'
import type { Headers, OffsetMap } from '#data'
import type { RawConfig, SourceContext } from '#plugin'
import type { Catalog, TableId } from '../ddl/index.ts'
import type { Login, ServerFacts } from '../server/index.ts'
import { MysqlSource, type SourceIdentity } from '../source-block.ts'
import { type Capture, pathOf } from '../tables/capture.ts'
import type { TableVersions } from '../tables/table-versions.ts'
import { MysqlChunks } from './chunk-source.ts'
import { caughtUp, logEnd, type StreamEnd } from './log-end.ts'
import { Session } from './session.ts'
import { SignalWriter } from './signal-writer.ts'

export { type BinlogTarget, binlogTarget } from './binlog-target.ts'
export { injectedChanges, type InjectedChanges } from './injected-changes.ts'
export { SignalledLog, type SignalledLogOptions } from './signalled-log.ts'

export interface SignalParts {
  readonly raw: RawConfig
  readonly config: SignalConfig & { readonly 'topic.prefix': string }
  readonly context: SourceContext
  readonly login: Login
  readonly facts: ServerFacts
  readonly identity: SourceIdentity
  readonly headers: Headers
  readonly schema: { readonly catalog: Catalog }
  readonly capture: Capture
  readonly versions: Pick<TableVersions, 'ofSnapshot'>
  readonly notifier: Notifier
  readonly reader: StreamEnd['reader']
  /** gtid.source.includes or .excludes is set. */
  readonly filtered: boolean
  /** Signals of the connector's own: set-binlog-position. */
  readonly actions: Readonly<Record<string, SignalAction>>
  /** The stored offset; null: at the first start. */
  readonly stored: OffsetMap | null
}

export interface Signals extends AsyncDisposable {
  readonly stage: SignalStage
}

/** The schema that also tells of tables which the log shapes or empties: what was read of them is void. */
export function watched<Ddl extends (...args: never[]) => Promise<Shaping>>(
  ddl: Ddl,
  stage: () => SignalStage | null,
): Ddl {
  const watching = async (...args: Parameters<Ddl>): Promise<Shaping> => {
    const outcome = await ddl(...args)
    stage()?.invalidate([...outcome.shaped, ...outcome.truncated].map(pathOf))
    return outcome
  }
  return watching as unknown as Ddl
}

interface Shaping {
  readonly shaped: readonly TableId[]
  readonly truncated: readonly TableId[]
}

export function openSignals(parts: SignalParts): Signals {
  const { raw, config, context, login, schema, capture, versions, notifier, stored } = parts
  const { log, signal } = context
  const session = new Session(login)
  const progress = stored === null ? atRest : readProgress(stored, log)
  const takers = signalTables(config)
  const [taker] = takers
  const stage = new SignalStage(
    {
      ...{ headers: parts.headers, notifier, log, signal, actions: parts.actions },
      signalTables: takers,
      channels: signalChannelsOf(raw, config, context, progress),
      pollMs: config['signal.poll.interval.ms'],
      tables: () =>
        [...schema.catalog.tables()]
          .filter(({ id }) => capture.table(id) && !takers.has(pathOf(id)))
          .map(({ id }) => pathOf(id)),
      source: new MysqlChunks({ session, schema, capture, versions, caughtUp: caughtUp(parts) }),
      // Without a table to write to, the log itself tells where a part belongs.
      watermarks:
        config['read.only'] || taker === undefined
          ? new LogWatermarks(logEnd(session, parts))
          : new TableWatermarks(
              new SignalWriter(session, taker, schema),
              config['incremental.snapshot.watermarking.strategy'],
            ),
      origin: rowOrigin(parts),
      nameOf: ({ database, table }) => `${database}.${table}`,
      chunkSize: config['incremental.snapshot.chunk.size'],
      retries: config['signal.emit.failure.max.retries'],
      backoffMs: config['signal.emit.failure.backoff.ms'],
    },
    progress,
  )
  return {
    stage,
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]()
      await session[Symbol.asyncDispose]()
    },
  }
}

/** Rows are where their mark is; without one, where the stream is. */
function rowOrigin({ identity, reader }: SignalParts): RowOrigin {
  return (mark) => {
    const time = Math.round((performance.timeOrigin + performance.now()) * 1000)
    if (mark !== null && mark.source instanceof MysqlSource)
      return { source: mark.source.at(time), position: mark.position }
    const { file, pos } = reader()?.place ?? { file: '', pos: 0 }
    const origin = { time, serverId: 0, gtid: null, file, thread: null }
    return { source: new MysqlSource(identity, origin, pos), position: 0 }
  }
}
