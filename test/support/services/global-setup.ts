/** One PostgreSQL for the whole run; each test makes databases of its own (`test/support/services/database.ts`). */
import type { TestProject } from 'vitest/node'
import { startPostgres } from './postgres.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: { host: string; port: number; user: string; password: string }
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stop, ...address } = await startPostgres()
  project.provide('postgres', address)
  return stop
}
