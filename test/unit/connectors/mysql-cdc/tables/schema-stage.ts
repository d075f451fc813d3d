/** A schema keeper and the table versions over it, with nothing around them. */
import { ColumnRules, nameAdjuster, topicNames } from '#cdc'
import type { Metrics } from '#observe'
import type { RawConfig } from '#plugin'
import {
  defaultTypeOptions,
  type TypeOptions,
} from '../../../../../connectors/mysql-cdc/column-types/options.ts'
import {
  ddlFilter,
  defaultDdlFilter,
  type HistoryStore,
} from '../../../../../connectors/mysql-cdc/history/index.ts'
import { MemoryHistoryStore } from '../../../../../connectors/mysql-cdc/history/memory-store.ts'
import type { MysqlConverter } from '../../../../../connectors/mysql-cdc/converters/index.ts'
import { SchemaKeeper } from '../../../../../connectors/mysql-cdc/schema-keeper.ts'
import { sourceNames, sourceSchema } from '../../../../../connectors/mysql-cdc/source-block.ts'
import { Capture, type CaptureSettings } from '../../../../../connectors/mysql-cdc/tables/capture.ts'
import { TableVersions } from '../../../../../connectors/mysql-cdc/tables/table-versions.ts'

export interface StageOptions {
  readonly server?: 'mysql' | 'mariadb'
  readonly capture?: Partial<CaptureSettings>
  readonly types?: Partial<TypeOptions>
  readonly comments?: boolean
  readonly inconsistent?: 'fail' | 'warn' | 'skip'
  readonly skipsUnparseable?: boolean
  readonly prefersDdl?: boolean
  readonly foldsCase?: boolean
  readonly rules?: RawConfig
  readonly convert?: MysqlConverter
  readonly topics?: RawConfig
  readonly store?: HistoryStore
}

const captureAll: CaptureSettings = {
  'database.include.list': null,
  'database.exclude.list': null,
  'table.include.list': null,
  'table.exclude.list': null,
  'column.include.list': null,
  'column.exclude.list': null,
  'column.propagate.source.type': null,
  'datatype.propagate.source.type': null,
  'message.key.columns': null,
  'signal.data.collection': null,
  'table.ignore.builtin': true,
  'schema.history.internal.store.only.captured.tables.ddl': false,
  'schema.history.internal.store.only.captured.databases.ddl': false,
}

export function captureOf(settings: Partial<CaptureSettings>): Capture {
  return new Capture({ ...captureAll, ...settings })
}

export function schemaStage(options: StageOptions = {}) {
  const lines: string[] = []
  const counts = new Map<string, number>()
  const note = (_: unknown, message?: string) => void lines.push(message ?? '')
  const log = { trace: note, debug: note, info: () => {}, warn: note, error: note, fatal: note }
  const metrics: Metrics = {
    counter: (name) => ({ inc: (by) => void counts.set(name, (counts.get(name) ?? 0) + by) }),
    gauge: () => ({ set: () => {} }),
  }
  const { server = 'mysql', foldsCase = false, comments = false } = options
  const capture = captureOf(options.capture ?? {})
  const store = options.store ?? new MemoryHistoryStore()
  const keeper = new SchemaKeeper({
    ...{ server, foldsCase, comments, store, log, metrics },
    ...{ topicPrefix: 'p', capture: capture.ddl, filter: ddlFilter(defaultDdlFilter) },
    ...{ prefersDdl: options.prefersDdl ?? false, skipsUnparseable: options.skipsUnparseable ?? false },
  })
  const versions = new TableVersions(keeper, {
    ...{ server, capture, comments, log, metrics },
    topics: topicNames(
      {
        'topic.prefix': 'p',
        'topic.delimiter': '.',
        'topic.heartbeat.prefix': '__debezium-heartbeat',
        'topic.heartbeat.name': null,
        'topic.transaction': 'transaction',
        ...options.topics,
      },
      'Default',
    ),
    types: { ...defaultTypeOptions, ...options.types },
    names: nameAdjuster('none', 'none'),
    source: { schema: sourceSchema(server), names: sourceNames },
    convert: options.convert ?? (() => null),
    rules: new ColumnRules(options.rules ?? {}),
    inconsistent: options.inconsistent ?? 'fail',
  })
  return { keeper, versions, store, capture, lines, counts }
}
