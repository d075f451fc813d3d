/** What a plugin is: one object literal per kind. The registry finds it by alias, simple or Java class name. */
import type { ByteBuffer } from '#bytes'
import type { ConnectRecord, Datum, OffsetMap } from '#data'
import type { ConfigFields, ConfigProblem, RawConfig } from './config.ts'
import type { SourceReplay } from './replay.ts'
import type { ConnectorContext, SinkContext, SinkTask, SourceContext, SourceTask } from './task.ts'

export type PluginKind = 'source' | 'sink' | 'converter' | 'header_converter' | 'transformation' | 'predicate'

interface PluginBase {
  readonly kind: PluginKind
  /** The Java class name, shown by REST. */
  readonly javaClass: string
  /** Further names accepted: our alias first, then other Java classes. Simple and pruned names come by themselves. */
  readonly aliases: readonly string[]
  readonly version: string
  readonly config: ConfigFields
}

interface ConnectorBase extends PluginBase {
  /** Java's task class: stands in every task configuration. */
  readonly taskClass: string
  /** Checks that need more than one property, or the live system. Runs only when each property for itself is valid. */
  check?(config: RawConfig, signal: AbortSignal): Promise<readonly ConfigProblem[]>
  /** At most `maxTasks` configurations; the worker adds task.class and topics. */
  taskConfigs(config: RawConfig, maxTasks: number): Promise<readonly RawConfig[]> | readonly RawConfig[]
  /** Watches the system for as long as the connector runs and asks for new task configurations. A throw fails the connector. */
  monitor?(config: RawConfig, context: ConnectorContext): Promise<void>
}

export interface SourcePlugin extends ConnectorBase {
  readonly kind: 'source'
  /** true: each of its tasks runs on a thread of its own, because it keeps a core busy decoding a log. */
  readonly dedicatedThread?: boolean
  open(config: RawConfig, context: SourceContext): Promise<SourceTask>
  /**
   * Called before offsets are altered (or, with nulls, reset); throws to refuse. true: the connector has checked and
   * applied them, false: only the framework's own were changed. Offsets: it has checked them, and these are to be
   * stored, completed where something was missing.
   */
  alterOffsets?(config: RawConfig, offsets: readonly AlteredOffset[]): Promise<AlterOutcome> | AlterOutcome
  /** Text: why its log cannot be read once more. */
  readonly replay?: SourceReplay | string
}

export type AlterOutcome = boolean | readonly AlteredOffset[]

export interface AlteredOffset {
  readonly partition: OffsetMap | null
  readonly offset: OffsetMap | null
}

export interface SinkPlugin extends ConnectorBase {
  readonly kind: 'sink'
  open(config: RawConfig, context: SinkContext): Promise<SinkTask>
}

/** null drops the record; the offset it stands for is unaffected (invariant 5). */
export type Transform<R extends ConnectRecord = ConnectRecord> = (record: R) => R | null
export type Predicate = (record: ConnectRecord) => boolean

export interface TransformPlugin extends PluginBase {
  readonly kind: 'transformation'
  create(config: RawConfig): Transform
}

export interface PredicatePlugin extends PluginBase {
  readonly kind: 'predicate'
  create(config: RawConfig): Predicate
}

export interface Converter {
  /** null: ready; else a barrier to await before `write` (a schema registry's unknown schema). */
  prepare?(topic: string, datum: Datum): Promise<void> | null
  /** Appends the wire form; false where there is none (schema and value both null). */
  write(topic: string, datum: Datum, out: ByteBuffer): boolean
  /** null: ready; else a barrier to await before `read`. */
  prepareRead?(topic: string, bytes: Uint8Array | null): Promise<void> | null
  read(topic: string, bytes: Uint8Array | null): Datum
}

export interface HeaderConverter {
  write(topic: string, key: string, datum: Datum, out: ByteBuffer): boolean
  read(topic: string, key: string, bytes: Uint8Array | null): Datum
}

export interface ConverterPlugin extends PluginBase {
  readonly kind: 'converter'
  create(config: RawConfig, use: 'key' | 'value' | 'header'): Converter
}

export interface HeaderConverterPlugin extends PluginBase {
  readonly kind: 'header_converter'
  create(config: RawConfig): HeaderConverter
}

export type ConnectorPlugin = SourcePlugin | SinkPlugin
export type Plugin =
  | ConnectorPlugin
  | TransformPlugin
  | PredicatePlugin
  | ConverterPlugin
  | HeaderConverterPlugin
