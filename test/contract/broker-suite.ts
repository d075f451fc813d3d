/**
 * What every broker must do, as a suite that a test file runs over its broker. Nothing in it knows which broker that
 * is: names are new for each test, and everything that may take a while is waited for.
 */
import { describe } from 'vitest'
import { adminSuite } from './broker/admin.ts'
import { groupSuite } from './broker/groups.ts'
import type { BrokerUnderTest } from './broker/support.ts'
import { tableSuite } from './broker/table.ts'
import { readingSuite } from './broker/reading.ts'
import { writingSuite } from './broker/writing.ts'

export type { BrokerUnderTest } from './broker/support.ts'

export function brokerSuite(name: string, under: () => BrokerUnderTest): void {
  describe(`${name}: writing`, () => writingSuite(under))
  describe(`${name}: reading`, () => readingSuite(under))
  describe(`${name}: groups`, () => groupSuite(under))
  describe(`${name}: admin`, () => adminSuite(under))
  describe(`${name}: tables`, () => tableSuite(under))
}
