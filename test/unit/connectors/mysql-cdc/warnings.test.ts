/** What is asked for in vain is named: no property is passed over in silence. */
import { expect, test } from 'vitest'
import { mariadbSource, mysqlSource } from '../../../../connectors/mysql-cdc/index.ts'
import { warnings } from '../../../../connectors/mysql-cdc/warnings.ts'

const good = {
  name: 'c',
  'connector.class': 'mysql-cdc',
  'tasks.max': '1',
  'topic.prefix': 'p',
  'database.hostname': 'db',
  'database.user': 'u',
  'database.server.id': '7',
  'table.include.list': 'd.a',
  'column.mask.with.3.chars': 'd.a.b',
  'snapshot.max.threads.multiplier.d.a': '2',
  'schema.history.internal.producer.security.protocol': 'SSL',
  'signal.consumer.security.protocol': 'SSL',
  'transforms.unwrap.type': 'x',
  converters: 'c',
  'c.type': 'x',
  'c.selector': 'y',
}

test('a configuration in which everything counts has none', () => {
  expect(warnings(mysqlSource.config, good)).toEqual([])
  expect(warnings(mariadbSource.config, good)).toEqual([])
})

test('names that nobody knows, and what has no effect', () => {
  const vain = {
    'database.includes.list': 'd',
    'snapshot.new.mode': 'x',
    'driver.connectionTimeZone': 'UTC',
    'max.queue.size': '9000',
    'poll.dispatch.interval.ms': '5',
    'heartbeat.topics.prefix': 'h',
    'schema.history.internal.kafka.recovery.attempts': '7',
    'signal.kafka.groupId': 'g',
    'signal.kafka.poll.timeout.ms': '9',
    'incremental.snapshot.allow.schema.changes': 'true',
    'resolve.create.table.like.schema': 'true',
    'custom.sanitize.pattern': 'x',
    'snapshot.select.statement.overrides': 'd.b',
  }
  const found = warnings(mysqlSource.config, { ...good, ...vain })
  expect(Object.keys(vain).filter((name) => !found.some((text) => text.includes(name)))).toEqual([])
  expect(found).toHaveLength(Object.keys(vain).length)
})

test('a property with its default is not worth a word', () => {
  const standard = {
    'max.queue.size': '8192',
    'min.row.count.to.stream.results': '1000',
    'database.protocol': 'jdbc:mysql',
    'signal.kafka.groupId': 'kafka-signal',
  }
  expect(warnings(mysqlSource.config, { ...good, ...standard })).toEqual([])
})
