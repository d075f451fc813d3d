/** Groups with Java's consumer as the other member, as while a Kafka Connect is taken over: each leads once. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { java, javaLibraries, javaServersAvailable, quickStart } from '../../../support/services/java.ts'
import { kafkaServer } from '../../../support/services/kafka.ts'
import { type ServerProcess, startProcess } from '../../../support/services/process.ts'
import { fresh, type Member, makeTopic, member, pollUntil, produce, text } from './support.ts'

const strategy = 'partition.assignment.strategy'
const of = (name: string) => ({ [strategy]: `org.apache.kafka.clients.consumer.${name}` })

async function javaMember(
  topic: string,
  group: string,
  properties: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const { classPath } = await javaLibraries()
  const given = { 'auto.offset.reset': 'earliest', 'heartbeat.interval.ms': '200', ...properties }
  const args = Object.entries(given).flatMap(([name, value]) => ['--consumer-property', `${name}=${value}`])
  const main = 'org.apache.kafka.tools.consumer.ConsoleConsumer'
  const server = ['--bootstrap-server', await kafkaServer(), '--topic', topic, '--group', group]
  const directory = mkdtempSync(join(tmpdir(), 'rowtap-java-member-'))
  return startProcess(java ?? 'java', [...quickStart, '-cp', classPath, main, ...server, ...args], directory)
}

async function owns(mine: Member, count: number): Promise<void> {
  await pollUntil([mine], () => mine.owned().length === count)
}

describe.skipIf(!javaServersAvailable)('a group with a Java member', () => {
  test.for([
    ['both with the defaults', {}],
    ['cooperative', of('CooperativeStickyAssignor')],
    ['sticky', of('StickyAssignor')],
    ['round robin', of('RoundRobinAssignor')],
  ] as const)('%s: each partition is read by one of them', async ([, properties]) => {
    const [topic, group] = [await makeTopic('java', 4), fresh('group')]
    const first = await member({ group, topics: [topic], overrides: properties })
    await owns(first, 4)
    const theirs = await javaMember(topic, group, properties)
    await owns(first, 2)
    const values = (name: string) =>
      [0, 1, 2, 3].map((partition) => ({ value: `${name}-${partition}`, partition }))
    const heard = async (mine: Member, name: string) => {
      const seen: string[] = []
      const others = [0, 1, 2, 3].filter((partition) => !mine.owned().includes(`${partition}`))
      const wrote = Promise.all(others.map((partition) => theirs.wrote(`${name}-${partition}`)))
      await produce(topic, values(name))
      await pollUntil(
        [mine],
        () => seen.length >= 2,
        ({ value }) => seen.push(text(value) ?? ''),
      )
      await wrote
      expect(seen.sort()).toEqual(mine.owned().map((partition) => `${name}-${partition}`))
    }
    await heard(first, 'we-lead')
    await first.consumer.commit(first.consumer.assignment().map((each) => ({ ...each, offset: 1n })))
    await first.consumer[Symbol.asyncDispose]()
    const second = await member({ group, topics: [topic], overrides: properties })
    await owns(second, 2)
    await heard(second, 'java-leads')
    await theirs.end('TERM')
    await owns(second, 4)
    await second.consumer[Symbol.asyncDispose]()
  })
})
