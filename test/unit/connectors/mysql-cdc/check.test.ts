/** What can be said of a configuration without a server. */
import { expect, test } from 'vitest'
import { mariadbSource, mysqlSource } from '../../../../connectors/mysql-cdc/index.ts'
import type { RawConfig, SourcePlugin } from '#plugin'

const required: RawConfig = {
  'topic.prefix': 'p',
  'database.hostname': 'db',
  'database.user': 'u',
  'database.server.id': '7',
}

async function problems(raw: RawConfig, plugin: SourcePlugin = mysqlSource): Promise<readonly string[]> {
  const found = await plugin.check?.({ ...required, ...raw }, AbortSignal.abort())
  return (found ?? []).map(({ field, message }) => `${field} | ${message}`)
}

test('each kind of list is given once', async () => {
  for (const kind of ['database', 'table', 'column'])
    expect(await problems({ [`${kind}.include.list`]: 'a', [`${kind}.exclude.list`]: 'b' })).toContainEqual(
      `${kind}.exclude.list | "${kind}.include.list" and "${kind}.exclude.list" cannot be set together: keep one of them.`,
    )
  expect(await problems({ 'gtid.source.includes': 'a', 'gtid.source.excludes': 'b' })).toContainEqual(
    expect.stringMatching(/^gtid\.source\.excludes \|/),
  )
})

test('what is not supported is refused by its name', async () => {
  const vain: RawConfig = {
    'snapshot.mode': 'custom',
    'snapshot.locking.mode': 'custom',
    'snapshot.query.mode': 'custom',
    'snapshot.mode.custom.name': 'x',
    'snapshot.locking.mode.custom.name': 'x',
    'snapshot.query.mode.custom.name': 'x',
    'openlineage.integration.enabled': 'true',
    'database.connection.factory.class': 'x.Y',
    'queue.provider.type': 'chronicle-queue',
    'schema.history.internal': 'io.debezium.storage.redis.history.RedisSchemaHistory',
  }
  for (const plugin of [mysqlSource, mariadbSource]) {
    const found = await problems(vain, plugin)
    expect(found.map((text) => text.split(' | ')[0]).toSorted()).toEqual(Object.keys(vain).toSorted())
  }
})

test('what does not fit together is told of the property at fault', async () => {
  expect(await problems({ 'max.queue.size': '10', 'max.batch.size': '10' })).toEqual([
    expect.stringMatching(/^max\.queue\.size \| .*more than max\.batch\.size/),
  ])
  expect(await problems({ 'schema.history.internal.kafka.bootstrap.servers': 'k:9092' })).toEqual([
    expect.stringMatching(/^schema\.history\.internal\.kafka\.topic \| /),
  ])
  expect(
    await problems({ 'schema.history.internal': 'io.debezium.storage.file.history.FileSchemaHistory' }),
  ).toEqual([expect.stringMatching(/^schema\.history\.internal\.file\.filename \| /)])
  expect(await problems({ 'snapshot.max.threads.multiplier.d.a': 'many' })).toEqual([
    expect.stringMatching(/^snapshot\.max\.threads\.multiplier\.d\.a \| /),
  ])
  expect(await problems({ 'unavailable.value.placeholder': 'hex:0' })).toEqual([
    expect.stringMatching(/^unavailable\.value\.placeholder \| /),
  ])
  expect(await problems({ 'notification.enabled.channels': 'sink' })).toEqual([
    expect.stringMatching(/^notification\.sink\.topic\.name \| /),
  ])
})
