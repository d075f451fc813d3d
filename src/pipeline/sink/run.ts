/** One sink task from its opening to its release. */
import type { ConsumedRecord } from '#broker'
import { ConnectError } from '#errors'
import type { SinkContext, SinkPlugin } from '#plugin'
import { chainOf } from '../chain.ts'
import { convertersOf } from '../converters.ts'
import { openDeadLetters } from '../dead-letters.ts'
import { errorCounts, sinkCounts } from '../metrics.ts'
import { Opened, type TaskEnv, taskName } from '../task-env.ts'
import { errorSettings, Tolerance } from '../tolerance.ts'
import { Delivery } from './delivery.ts'
import { SinkLoop, type SinkLoopParts } from './loop.ts'
import { Outlet } from './outlet.ts'
import { Positions } from './positions.ts'
import { subscription } from './subscription.ts'

/** The class that Connect names for records which a sink's task reports. */
const sinkTaskClass = 'org.apache.kafka.connect.sink.SinkTask'

/** Resolves after a graceful stop; rejects with what failed the task. Everything is released then. */
export async function runSink(env: TaskEnv, plugin: SinkPlugin): Promise<void> {
  await using opened = new Opened(env)
  const loop = new SinkLoop()
  const parts = await open(env, plugin, opened, loop)
  if (env.control.stopping.aborted) return
  env.state('RUNNING')
  await loop.run(parts)
}

async function open(
  env: TaskEnv,
  plugin: SinkPlugin,
  opened: Opened,
  loop: SinkLoop,
): Promise<SinkLoopParts> {
  const { spec, broker, control, clock, log, metrics } = env
  const config = spec.connectorConfig
  const options = subscription(spec, loop)
  const errors = errorSettings(config)
  const chain = await chainOf(config, env.plugins)
  const converters = await convertersOf(config, spec.worker.properties, env.plugins)
  const deadLetters = await openDeadLetters(broker, spec)
  if (deadLetters !== null) env.onCut(opened.keep('dead letter queue', deadLetters))
  const ofErrors = errorCounts(metrics)
  const counts = sinkCounts(metrics)
  const tolerance = new Tolerance<ConsumedRecord>({
    task: taskName(spec),
    settings: errors,
    counts: ofErrors,
    log,
    clock,
    signal: control.stopping,
    deadLetters,
    placeOf: ({ topic, partition, offset, timestamp }) => ({
      topic,
      partition,
      offset: String(offset),
      timestamp: String(timestamp),
    }),
  })
  const remember = deadLetters !== null || errors.log
  const { stopping } = control
  const outlet = new Outlet({ chain, converters, tolerance, stopping, topics: env.topics, remember })
  let delivery: Delivery | null = null
  const task = opened.keep(
    'task',
    await plugin.open(spec.taskConfig, {
      connector: spec.connector,
      task: spec.task,
      log,
      metrics,
      signal: stopping,
      report: remember ? reporter(env, outlet, tolerance) : null,
      retryAfter: (ms) => delivery?.retryAfter(ms),
    }),
  )
  const consumer = opened.keep('consumer', await broker.consumer(options))
  env.onCut({
    [Symbol.asyncDispose]: () => {
      loop.abandon()
      return consumer[Symbol.asyncDispose]()
    },
  })
  const positions = new Positions()
  const retryDelayMaxMs = errors.retryDelayMaxMs
  delivery = new Delivery({
    ...{ task, consumer, outlet, positions, clock, log, stopping, counts },
    errorCounts: ofErrors,
    retryDelayMaxMs,
  })
  return { env, task, consumer, delivery, positions, counts, errorCounts: ofErrors }
}

function reporter(
  env: TaskEnv,
  outlet: Outlet,
  tolerance: Tolerance<ConsumedRecord>,
): NonNullable<SinkContext['report']> {
  return async (record, error) => {
    const raw = outlet.rawOf(record)
    if (raw === undefined)
      throw new ConnectError(
        `Task ${taskName(env.spec)} reported a record of topic ${record.topic} that it was not given: report the record as put() got it.`,
      )
    await tolerance.errant(raw, { stage: 'TASK_PUT', javaClass: sinkTaskClass, error })
  }
}
