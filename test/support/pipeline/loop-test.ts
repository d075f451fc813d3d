/**
 * `test` for the loops: a local runner over the scripted broker, a scripted source and a scripted sink, all new for each
 * test, and stopped after it.
 */
import { test as plain } from 'vitest'
import { DataError } from '#errors'
import type { TransformPlugin } from '#plugin'
import { createLocalRunner, type TaskHandle } from '../../../src/pipeline/index.ts'
import { base, Heard, ManualClock, registryOf, settle, specOf, TextConverter, until } from './script.ts'
import { ScriptedBroker } from './scripted-broker.ts'
import { ScriptedSink } from './scripted-sink.ts'
import { ScriptedSource } from './scripted-source.ts'

type Start = (config?: Readonly<Record<string, string>>, paused?: boolean) => TaskHandle

/** Drops values that begin with 'drop'. */
const drop: TransformPlugin = {
  ...base('transformation', 'test.Drop', 'drop'),
  create: () => (record) => (String(record.value.value()).startsWith('drop') ? null : record),
}

/** Fails for the value 'odd'; other records go to the topic `renamed`. */
const fussy: TransformPlugin = {
  ...base('transformation', 'test.Fussy', 'fussy'),
  create: () => (record) => {
    if (record.value.value() === 'odd') throw new DataError('an odd value')
    return { ...record, topic: 'renamed' }
  },
}

export const test = plain
  .extend('clock', () => new ManualClock())
  .extend('script', ({ clock }) => new ScriptedBroker(clock))
  .extend('source', () => new ScriptedSource())
  .extend('sink', () => new ScriptedSink())
  .extend('heard', () => new Heard())
  .extend('converter', () => new TextConverter())
  .extend('runner', ({ clock, script, source, sink, converter }, { onCleanup }) => {
    const plugins = registryOf(converter, source.plugin, sink.plugin, drop, fussy)
    const runner = createLocalRunner({ broker: script.broker, plugins, clock })
    onCleanup(() => runner[Symbol.asyncDispose]())
    return runner
  })
  .extend('startSource', ({ runner, heard }): Start => {
    return (config = {}, paused = false) => runner.start(specOf('source', config, { paused }), heard)
  })
  // It reads the topic `in`.
  .extend('startSink', ({ runner, heard }): Start => {
    const own = { 'connector.class': 'scripted-sink', topics: 'in' }
    return (config = {}, paused = false) =>
      runner.start(specOf('sink', { ...own, ...config }, { paused }), heard)
  })
  // The source task and its writer have been let go of.
  .extend('released', ({ source, script }) => {
    return () => until(() => source.open === 0 && script.writersOpen === 0)
  })
  // The interval of commits has passed, and the loop has seen it.
  .extend('commitTime', ({ clock }) => async (): Promise<void> => {
    await settle()
    clock.pass(1000)
    await settle()
  })
