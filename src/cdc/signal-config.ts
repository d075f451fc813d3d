/** The properties of signals, incremental snapshots and notifications, as Debezium names them. */
import {
  atLeast,
  boolean,
  type Config,
  type ConfigProblem,
  enumeration,
  int,
  list,
  long,
  string,
  type Validator,
} from '#plugin'
import { textList } from './config.ts'
import { listEntries } from './filter.ts'

/** Only these; others that Debezium knows are refused by name. */
function someOf(known: readonly string[], elsewhere: readonly string[]): Validator<readonly string[]> {
  return (value) => {
    const wrong = (value ?? [])
      .map((each) => each.trim())
      .filter((each) => each !== '' && !known.includes(each))
    if (wrong.length === 0) return null
    const java = wrong.filter((each) => elsewhere.includes(each))
    return java.length > 0
      ? `${java.join(', ')}: there is no Java here; supported are ${known.join(', ')}`
      : `unknown: ${wrong.join(', ')}; supported are ${known.join(', ')}`
  }
}

const group = 'Signals'

export const signalFields = {
  'signal.data.collection': textList(
    string({
      default: null,
      group,
      doc: 'The table that takes signals and the marks of incremental snapshots: three columns, id, type and data.',
    }),
  ),
  'signal.enabled.channels': list({
    default: ['source'],
    validate: someOf(['source', 'kafka', 'file'], ['jmx', 'in-process']),
    group,
    doc: 'Where signals come from: source (the table of signal.data.collection), kafka, file.',
  }),
  'signal.poll.interval.ms': long({
    default: 5000,
    validate: atLeast(1),
    group,
    doc: 'How often the channels kafka and file are looked at.',
  }),
  'signal.kafka.topic': string({
    default: null,
    group,
    doc: 'The topic of the channel kafka, of one partition; the key of a signal is topic.prefix. Default: <topic.prefix>-signal.',
  }),
  'signal.kafka.bootstrap.servers': string({
    default: null,
    group,
    doc: 'The Kafka that has it; unset: the broker of the worker.',
  }),
  'signal.kafka.groupId': string({
    default: 'kafka-signal',
    importance: 'LOW',
    group: 'Without effect',
    doc: 'Accepted without effect: how far signals were followed stands in the offsets of the connector.',
  }),
  'signal.kafka.poll.timeout.ms': int({
    default: 0,
    importance: 'LOW',
    group: 'Without effect',
    doc: 'Accepted without effect: signals are taken as they come.',
  }),
  'signal.file': string({
    default: 'file-signals.txt',
    group,
    doc: 'The file of the channel file: a signal per line as a JSON object; it is emptied when they were followed.',
  }),
  'signal.emit.failure.max.retries': int({
    default: 0,
    validate: atLeast(0),
    importance: 'LOW',
    group,
    doc: 'How often the writing of a mark into the signal table is tried again.',
  }),
  'signal.emit.failure.backoff.ms': long({
    default: 10_000,
    validate: atLeast(0),
    importance: 'LOW',
    group,
    doc: 'How long to wait before that.',
  }),
  'read.only': boolean({
    default: false,
    group,
    doc: 'Incremental snapshots without a write to the database: marks are positions of the log.',
  }),
  'incremental.snapshot.chunk.size': int({
    default: 1024,
    validate: atLeast(1),
    group: 'Snapshot',
    doc: 'How many rows an incremental snapshot reads at once.',
  }),
  'incremental.snapshot.watermarking.strategy': enumeration({
    values: ['insert_insert', 'insert_delete'],
    ignoreCase: true,
    default: 'insert_insert',
    importance: 'LOW',
    group: 'Snapshot',
    doc: 'Whether the closing mark of a part is a row of its own, or the end of the opening one.',
  }),
  'incremental.snapshot.allow.schema.changes': boolean({
    default: false,
    importance: 'LOW',
    group: 'Without effect',
    doc: 'Accepted without effect: a part whose table was altered meanwhile is always read again.',
  }),
}

export const notificationFields = {
  'notification.enabled.channels': list({
    default: null,
    validate: someOf(['sink', 'log'], ['jmx']),
    group: 'Notifications',
    doc: 'Where the progress of snapshots is told: sink (a topic), log.',
  }),
  'notification.sink.topic.name': string({
    default: null,
    importance: 'HIGH',
    group: 'Notifications',
    doc: 'The topic of the channel sink.',
  }),
}

/** Those of them that are accepted without effect. */
export const idleSignalFields = {
  'signal.kafka.groupId': signalFields['signal.kafka.groupId'],
  'signal.kafka.poll.timeout.ms': signalFields['signal.kafka.poll.timeout.ms'],
  'incremental.snapshot.allow.schema.changes': signalFields['incremental.snapshot.allow.schema.changes'],
}

export type SignalConfig = Config<typeof signalFields> & Config<typeof notificationFields>

/** What these properties demand of each other. */
export function signalProblems(
  config: SignalConfig & { readonly 'skipped.operations': string },
): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = []
  if (notificationChannels(config).has('sink') && config['notification.sink.topic.name'] === null)
    problems.push({
      field: 'notification.sink.topic.name',
      message: 'notification.enabled.channels has sink: notification.sink.topic.name must name its topic.',
    })
  const skips = config['skipped.operations'].split(',').some((each) => each.trim().toLowerCase() === 'c')
  if (skips && signalTables(config).size > 0)
    problems.push({
      field: 'skipped.operations',
      message:
        'Signals are inserts into the table of signal.data.collection: skipped.operations must not have c.',
    })
  return problems
}

export function notificationChannels(config: SignalConfig): ReadonlySet<string> {
  return new Set((config['notification.enabled.channels'] ?? []).map((each) => each.trim().toLowerCase()))
}

export function signalChannels(config: SignalConfig): ReadonlySet<string> {
  return new Set(config['signal.enabled.channels'].map((each) => each.trim().toLowerCase()))
}

/** The tables that take signals; none where the channel `source` is off. */
export function signalTables(config: SignalConfig): ReadonlySet<string> {
  return new Set(signalChannels(config).has('source') ? listEntries(config['signal.data.collection']) : [])
}
