import { expect, test } from 'vitest'
import { overridePolicy, refuseOverrides } from '../../../src/worker/override-policy.ts'

const policy = 'connector.client.config.override.policy'
const allowlist = 'connector.client.config.override.allowlist'
const asked = ['sasl.jaas.config', 'security.protocol', 'linger.ms', 'acks']

test.each([
  [{}, asked],
  [{ [policy]: 'All' }, asked],
  [{ [policy]: ' None ' }, []],
  [{ [policy]: 'Principal' }, ['sasl.jaas.config', 'security.protocol']],
  [{ [policy]: 'Allowlist' }, []],
  [
    {
      [policy]: 'org.apache.kafka.connect.connector.policy.AllowlistConnectorClientConfigOverridePolicy',
      [allowlist]: 'acks, linger.ms',
    },
    ['linger.ms', 'acks'],
  ],
])('what %o allows', (worker, allowed) => {
  expect(asked.filter((key) => overridePolicy(worker).allows(key))).toEqual(allowed)
})

test('a connector that was stored under another policy does not start', () => {
  const config = { name: 'c', 'producer.override.linger.ms': '5', 'admin.override.sasl.mechanism': 'PLAIN' }
  expect(() => refuseOverrides(config, {})).not.toThrow()
  expect(() => refuseOverrides(config, { [policy]: 'Principal' })).toThrow(
    "The 'Principal' policy does not allow 'linger.ms' to be overridden in the connector configuration. Remove producer.override.linger.ms",
  )
})
