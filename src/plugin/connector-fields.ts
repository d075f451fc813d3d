/**
 * The properties that every connector has, whatever its class: Connect's own, in the order in which `config/validate`
 * lists them. Defaults of the converters are those of the worker.
 */
import type { ConfigField, ConfigFields, RawConfig, SubmittedConfig } from './config.ts'
import { chosenEntry, classField, versionField } from './class-field.ts'
import { boolean, int, list, long, short, string } from './fields.ts'
import type { PluginKind } from './plugin.ts'
import type { PluginEntry, Registry } from './registry.ts'
import {
  atLeast,
  distinct,
  nameLike,
  nonEmpty,
  oneOf,
  oneOfIgnoringCase,
  regex,
  uniqueAliases,
} from './validators.ts'

export interface ConnectorFieldsOptions {
  readonly registry: Registry
  /** The configuration at hand: the versions' defaults follow from the classes that it names. */
  readonly config?: SubmittedConfig
  /** The worker's `key.converter`, `value.converter`, `header.converter`: the defaults. Absent: none are shown. */
  readonly worker?: RawConfig
  /** The connector itself, where it is known. */
  readonly connector?: PluginEntry | null
}

/** All common properties of a source or sink connector. */
export function connectorFields(kind: 'source' | 'sink', options: ConnectorFieldsOptions): ConfigFields {
  return { ...commonFields(options), ...(kind === 'source' ? sourceFields : sinkFields) }
}

const group = 'Common'
const errorGroup = 'Error Handling'

function commonFields(options: ConnectorFieldsOptions): ConfigFields {
  return {
    name: string({
      doc: 'The name of the connector, unique in its cluster of workers.',
      validate: nameLike,
      importance: 'HIGH',
      group,
      order: 1,
      width: 'MEDIUM',
      displayName: 'Connector name',
    }),
    'connector.class': string({
      doc: 'Which connector to run: its alias, simple name or Java class name.',
      importance: 'HIGH',
      group,
      order: 2,
      width: 'LONG',
      displayName: 'Connector class',
    }),
    'connector.plugin.version': versionField(options.connector ?? null, {
      doc: 'The version of the connector that must be there: one version, or a range.',
      group,
      order: 3,
      width: 'MEDIUM',
      displayName: 'Connector version',
    }),
    'tasks.max': int({
      default: 1,
      doc: 'The most tasks that the connector may be split into.',
      validate: atLeast(1),
      importance: 'HIGH',
      group,
      order: 4,
      width: 'SHORT',
      displayName: 'Tasks max',
    }),
    'tasks.max.enforce': boolean({
      default: true,
      doc: 'Whether a connector that makes more than tasks.max tasks fails (deprecated, as in Kafka Connect).',
      importance: 'LOW',
      group,
      order: 5,
      width: 'SHORT',
      displayName: 'Enforce tasks max',
    }),
    ...converterFields('key', 'Key', 6, options),
    ...converterFields('value', 'Value', 8, options),
    ...converterFields('header', 'Header', 10, options),
    ...chainFields,
    ...errorFields,
  }
}

function converterFields(
  part: 'key' | 'value' | 'header',
  title: string,
  order: number,
  options: ConnectorFieldsOptions,
): Record<string, ConfigField> {
  const { registry, config = {}, worker = {} } = options
  const kind: PluginKind = part === 'header' ? 'header_converter' : 'converter'
  const key = `${part}.converter`
  const fallback = chosenEntry(registry, kind, worker, key)
  const chosen = Object.hasOwn(config, key) ? chosenEntry(registry, kind, config, key) : fallback
  return {
    [key]: classField(kind, registry, {
      default: fallback?.javaClass ?? null,
      doc: `What turns the ${part}s of records into bytes and back. Unset: the worker's, with the worker's settings.`,
      importance: 'LOW',
      group,
      order,
      width: 'SHORT',
      displayName: `${title} converter class`,
    }),
    [`${key}.plugin.version`]: versionField(chosen, {
      doc: `The version of the ${part} converter that must be there: one version, or a range.`,
      importance: 'LOW',
      group,
      order: order + 1,
      width: 'SHORT',
      displayName: `${title} converter version`,
    }),
  }
}

const chainFields = {
  transforms: list({
    default: [],
    doc: 'Names of the transforms that each record goes through, in this order.',
    validate: uniqueAliases,
    importance: 'LOW',
    group: 'Transforms',
    order: 12,
    width: 'LONG',
    displayName: 'Transforms',
  }),
  predicates: list({
    default: [],
    doc: 'Names of the predicates that decide which records a transform applies to.',
    validate: uniqueAliases,
    importance: 'LOW',
    group: 'Predicates',
    order: 13,
    width: 'LONG',
    displayName: 'Predicates',
  }),
  'config.action.reload': string({
    default: 'restart',
    doc: 'What to do when a value from a config provider changes: restart the connector, or none.',
    validate: oneOf('none', 'restart'),
    importance: 'LOW',
    group,
    order: 14,
    width: 'MEDIUM',
    displayName: 'Reload Action',
  }),
}

const errorFields = {
  'errors.retry.timeout': long({
    default: 0,
    doc: 'How long a failed operation is tried again, in milliseconds; -1: for ever.',
    group: errorGroup,
    order: 1,
    width: 'MEDIUM',
    displayName: 'Retry Timeout for Errors',
  }),
  'errors.retry.delay.max.ms': long({
    default: 60_000,
    doc: 'The longest wait between two tries, in milliseconds.',
    group: errorGroup,
    order: 2,
    width: 'MEDIUM',
    displayName: 'Maximum Delay Between Retries for Errors',
  }),
  'errors.tolerance': string({
    default: 'none',
    doc: 'Whether a record that cannot be processed fails the task (none) or is skipped and counted (all).',
    validate: oneOf('none', 'all'),
    group: errorGroup,
    order: 3,
    width: 'SHORT',
    displayName: 'Error Tolerance',
  }),
  'errors.log.enable': boolean({
    default: false,
    doc: 'Whether each skipped record leaves a line in the log.',
    group: errorGroup,
    order: 4,
    width: 'SHORT',
    displayName: 'Log Errors',
  }),
  'errors.log.include.messages': boolean({
    default: false,
    doc: 'Whether that line says which record it was.',
    group: errorGroup,
    order: 5,
    width: 'SHORT',
    displayName: 'Log Error Details',
  }),
}

export const sourceFields = {
  'topic.creation.groups': list({
    default: [],
    doc: 'Names of groups of topics that are made with settings of their own (topic.creation.GROUP.…).',
    validate: uniqueAliases,
    importance: 'LOW',
    group: 'Topic Creation',
    order: 1,
    width: 'LONG',
    displayName: 'Topic Creation Groups',
  }),
  'exactly.once.support': string({
    default: 'requested',
    doc: 'required: refuse to start where records could arrive twice. requested: exactly once where possible.',
    validate: oneOfIgnoringCase('REQUIRED', 'REQUESTED'),
    group: 'Exactly Once Support',
    order: 2,
    width: 'SHORT',
    displayName: 'Exactly once support',
  }),
  'transaction.boundary': string({
    default: 'poll',
    doc: 'When a transaction of an exactly-once source ends: after each poll, after an interval, or as the connector says.',
    validate: oneOfIgnoringCase('INTERVAL', 'POLL', 'CONNECTOR'),
    group: 'Exactly Once Support',
    order: 3,
    width: 'SHORT',
    displayName: 'Transaction Boundary',
  }),
  'transaction.boundary.interval.ms': long({
    default: null,
    doc: 'The interval of transaction.boundary=interval. Unset: offset.flush.interval.ms of the worker.',
    validate: (value) => (value !== null && value < 0 ? 'Value must be at least 0' : null),
    importance: 'LOW',
    group: 'Exactly Once Support',
    order: 4,
    width: 'SHORT',
    displayName: 'Transaction boundary interval',
  }),
  'offsets.storage.topic': string({
    default: null,
    doc: 'A topic of its own for the offsets of this connector. Unset: that of the worker.',
    validate: nonEmpty,
    importance: 'LOW',
    group: 'offsets.topic',
    order: 1,
    width: 'LONG',
    displayName: 'Offsets topic',
  }),
}

export const sinkFields = {
  topics: list({
    default: [],
    doc: 'The topics to read, separated by commas.',
    validate: distinct,
    importance: 'HIGH',
    group,
    order: 4,
    width: 'LONG',
    displayName: 'Topics',
  }),
  'topics.regex': string({
    default: '',
    doc: 'A Java regular expression; topics whose whole name matches are read. Instead of topics.',
    validate: regex,
    importance: 'HIGH',
    group,
    order: 4,
    width: 'LONG',
    displayName: 'Topics regex',
  }),
  'errors.deadletterqueue.topic.name': string({
    default: '',
    doc: 'The topic for records that were skipped with errors.tolerance=all. Empty: none.',
    group: errorGroup,
    order: 6,
    width: 'MEDIUM',
    displayName: 'Dead Letter Queue Topic Name',
  }),
  'errors.deadletterqueue.topic.replication.factor': short({
    default: 3,
    doc: 'Copies of the dead letter topic, where it has to be made.',
    group: errorGroup,
    order: 7,
    width: 'MEDIUM',
    displayName: 'Dead Letter Queue Topic Replication Factor',
  }),
  'errors.deadletterqueue.context.headers.enable': boolean({
    default: false,
    doc: 'Whether dead letters carry headers (__connect.errors.…) that say where and why they failed.',
    group: errorGroup,
    order: 8,
    width: 'MEDIUM',
    displayName: 'Enable Error Context Headers',
  }),
}
