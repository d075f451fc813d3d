/** The main process's side of `shared.ts`: starts servers on demand, stops them at the end. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import type { TestProject } from 'vitest/node'
import { fetchForRun } from './java.ts'
import { startKafka } from './kafka.ts'
import { startMariaDb } from './mariadb.ts'
import { startMySql } from './mysql.ts'
import { startPostgres } from './postgres.ts'
import type { RunningServer, SharedServer } from './shared.ts'

const starters: Readonly<Record<SharedServer, () => Promise<RunningServer<unknown>>>> = {
  postgres: async () => {
    const { stop, ...address } = await startPostgres()
    return { address, stop }
  },
  mysql: () => startMySql(),
  mariadb: () => startMariaDb(),
  kafka: startKafka,
}

const withoutServers = ['architecture', 'unit']

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!project.vitest.projects.every(({ name }) => withoutServers.includes(name))) await fetchForRun()
  const running = new Map<string, Promise<RunningServer<unknown>>>()
  const start = (name: string): Promise<RunningServer<unknown>> => {
    const known = running.get(name)
    if (known !== undefined) return known
    const started = starters[name as SharedServer]()
    running.set(name, started)
    return started
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const { address } = await start((request.url ?? '').slice(1))
      response.end(JSON.stringify(address))
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  }
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  project.provide('sharedServers', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return async () => {
    server.close()
    server.closeAllConnections()
    const started = await Promise.allSettled(running.values())
    await Promise.all(started.map((each) => (each.status === 'fulfilled' ? each.value.stop() : undefined)))
  }
}
