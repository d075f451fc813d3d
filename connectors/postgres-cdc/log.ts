/** The parts that a task consists of, and how the reading of its log is put together. */
import { nameFilter, RowEvents, type TopicNames, TransactionTracker } from '#cdc'
import type { Headers, OffsetMap } from '#data'
import type { RawConfig, SourceContext } from '#plugin'
import type { PostgresConfig } from './config.ts'
import type { Route } from './connection.ts'
import { LogReader } from './log-reader.ts'
import { MessageEvents } from './message-event.ts'
import type { ResumePoint } from './offset.ts'
import { skippedOperations } from './settings.ts'
import type { SourceIdentity } from './source-block.ts'
import { ChangeStream } from './stream.ts'
import type { TableVersions } from './table-versions.ts'
import type { Capture } from './tables.ts'

/** What all parts of a task share. */
export interface TaskParts {
  readonly raw: RawConfig
  readonly config: PostgresConfig
  readonly context: SourceContext
  readonly route: Route
  readonly partition: OffsetMap
  readonly capture: Capture
  readonly topics: TopicNames
  readonly identity: SourceIdentity
  readonly headers: Headers
  readonly versions: TableVersions
}

export interface Log {
  readonly reader: LogReader
  readonly stream: ChangeStream
}

/** Reading the log from there on; `until` the position of a snapshot that is to come, or null: for ever. */
export function openLog(parts: TaskParts, resume: ResumePoint, until: number | null): Log {
  const { config, context, route, partition, identity, headers, capture, topics, versions } = parts
  const transactions = config['provide.transaction.metadata']
    ? new TransactionTracker(topics.transaction)
    : null
  const rows = new RowEvents({
    headers,
    tombstones: config['tombstones.on.delete'],
    skipped: skippedOperations(config),
    skipUnchanged: config['skip.messages.without.change'],
    transactions,
  })
  const reader = new LogReader(
    {
      partition,
      identity,
      rows,
      messages: new MessageEvents(topics.message, config['binary.handling.mode']),
      messagePrefix: nameFilter({
        includeProperty: 'message.prefix.include.list',
        include: config['message.prefix.include.list'],
        excludeProperty: 'message.prefix.exclude.list',
        exclude: config['message.prefix.exclude.list'],
      }),
      captured: (relation) => capture.table(relation),
      until,
      transactions,
    },
    resume,
  )
  return { reader, stream: new ChangeStream({ route, reader, versions, log: context.log }) }
}
