/**
 * The herder: everything that REST may ask of a worker, one method per verb. Results have the shape that goes over
 * the wire (field names and their order included), so REST only serializes them; configurations keep the order in
 * which they were typed. Every refusal is a `HerderError` with its HTTP status and Connect's exact message; anything
 * else that is thrown is a 500 with its own message.
 */
import type { RawConfig, SubmittedConfig } from '#plugin'
import { ConnectError, type ErrorDetails } from '#errors'
import type { JsonObject } from '#pipeline'
import type { Replays } from './replays.ts'

export class HerderError extends ConnectError {
  readonly status: number
  override readonly name = 'HerderError'

  constructor(status: number, message: string, details: ErrorDetails = {}) {
    super(message, details)
    this.status = status
  }
}

export type ConnectorType = 'source' | 'sink' | 'unknown'
export type TargetState = 'STARTED' | 'PAUSED' | 'STOPPED'
/** The first six are seen over REST; DESTROYED is only ever written as a tombstone. */
export type Status = 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'FAILED' | 'RESTARTING' | 'STOPPED' | 'DESTROYED'

export interface TaskId {
  readonly connector: string
  readonly task: number
}

export interface ConnectorInfo {
  readonly name: string
  readonly config: RawConfig
  readonly tasks: readonly TaskId[]
  readonly type: ConnectorType
}

export interface TaskInfo {
  readonly id: TaskId
  readonly config: RawConfig
}

export interface ConnectorState {
  readonly state: Status
  readonly worker_id: string
  /** Of the plugin; null where its class could not be loaded. */
  readonly version: string | null
  /** Only with a failure. */
  readonly trace?: string
}

export interface TaskStatus extends ConnectorState {
  readonly id: number
}

export interface ConnectorStatus {
  readonly name: string
  readonly connector: ConnectorState
  readonly tasks: readonly TaskStatus[]
  readonly type: ConnectorType
}

/** `GET /connectors?expand=…`: the keys asked for, in the order info, status as asked. */
export type Expansion = 'info' | 'status'
export interface ExpandedConnector {
  readonly info?: ConnectorInfo
  readonly status?: ConnectorStatus
}

/** The body of `POST /connectors`, checked for shape. A null in `config` is answered by the validation. */
export interface CreateRequest {
  readonly name: string
  readonly config: SubmittedConfig
  /** Default STARTED. */
  readonly targetState?: TargetState
}

/** Answer to a PUT: 201 with Location where `created`, else 200. */
export interface PutResult {
  readonly created: boolean
  readonly info: ConnectorInfo
}

export interface RestartFlags {
  readonly includeTasks: boolean
  readonly onlyFailed: boolean
}

/** One element of an offsets request or answer. Integers are bigint: write them as plain JSON numbers. */
export interface ConnectorOffset {
  readonly partition: JsonObject | null
  readonly offset: JsonObject | null
}

export interface LoggerLevel {
  readonly level: string
  readonly last_modified: number | null
}

/** One property of a validated configuration, in the form of `PUT …/config/validate`. */
export interface ConfigInfo {
  readonly definition: Readonly<Record<string, unknown>> | null
  readonly value: {
    readonly name: string
    readonly value: string | null
    readonly recommended_values: readonly (string | null)[]
    readonly errors: readonly string[]
    readonly visible: boolean
  }
}

export interface ConfigInfos {
  readonly name: string
  readonly error_count: number
  readonly groups: readonly string[]
  readonly configs: readonly ConfigInfo[]
}

/**
 * Validates a connector's configuration (`validate/` makes it; the herder is given it). Throws a `HerderError` for
 * what cannot be validated at all: no connector.class (400 `Connector config {…} contains no connector type`) or a
 * class that is not there. References `${…}` are resolved inside.
 */
export type ConfigValidator = (config: SubmittedConfig) => Promise<ConfigInfos>

export interface WorkerInfo {
  /** The API that clients gate on: 4.3.0. */
  readonly version: string
  readonly commit: string
  readonly kafka_cluster_id: string
  readonly rowtap_version: string
}

/** `GET /health`: 200 healthy, 503 starting, 500 unhealthy. */
export interface Health {
  readonly status: 'healthy' | 'starting' | 'unhealthy'
  readonly message: string
}

export interface Herder {
  /** host:port as advertised. */
  readonly workerId: string
  readonly mode: 'distributed' | 'standalone'
  /** All worker properties, resolved (`topic.tracking.enable`, `access.control.…`, `admin.listeners`, …). */
  readonly properties: RawConfig

  info(): WorkerInfo
  health(): Promise<Health>
  /** Prometheus text: tasks' metrics and the worker's own. */
  metrics(): Promise<string>

  connectors(): readonly string[]
  /** Leaves a connector out where its status was asked for and there is none yet. */
  expand(expansions: readonly Expansion[]): Readonly<Record<string, ExpandedConnector>>
  /** 404 `Connector X not found`. */
  connector(name: string): ConnectorInfo
  config(name: string): RawConfig
  tasks(name: string): readonly TaskInfo[]
  /** 404 `No status found for connector X`. */
  status(name: string): ConnectorStatus
  /** 404 `No status found for task X-n`. */
  taskStatus(name: string, task: number): TaskStatus

  /** 400 name mismatch or invalid configuration, 409 exists already. Inserts `name` last where it was not given. */
  create(request: CreateRequest): Promise<ConnectorInfo>
  put(name: string, config: SubmittedConfig): Promise<PutResult>
  /** Merges over the stored configuration; null removes a key. */
  patch(name: string, patch: SubmittedConfig): Promise<ConnectorInfo>
  delete(name: string): Promise<void>
  validate: ConfigValidator

  /** No flag: restarts the connector instance, null (204). Else the plan as a status (202), carried out afterwards. */
  restart(name: string, flags: RestartFlags): Promise<ConnectorStatus | null>
  restartTask(name: string, task: number): Promise<void>
  pause(name: string): Promise<void>
  resume(name: string): Promise<void>
  stop(name: string): Promise<void>

  offsets(name: string): Promise<readonly ConnectorOffset[]>
  /** The message of the answer. `offsets` null: the request had none (400). */
  alterOffsets(name: string, offsets: readonly ConnectorOffset[] | null): Promise<string>
  resetOffsets(name: string): Promise<string>

  readonly replays: Replays

  /** 403 where tracking is off. An unknown connector has no topics. */
  topics(name: string): readonly string[]
  resetTopics(name: string): Promise<void>

  /** Sorted by name, with `root`. */
  loggers(): Readonly<Record<string, LoggerLevel>>
  /** 404 `Logger X not found.` */
  logger(name: string): LoggerLevel
  /** Level in any case; 404 `invalid log level 'X'.` The loggers changed, or null with scope cluster (204). */
  setLogger(name: string, level: string, scope: 'worker' | 'cluster'): Promise<readonly string[] | null>
}
