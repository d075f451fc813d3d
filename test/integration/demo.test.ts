/** `rowtap demo` as a process: it ends by itself, or with Ctrl-C at any time, and leaves nothing behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ServerAddress } from '../support/services/address.ts'
import { mariaDbAvailable, mariaDbServer } from '../support/services/mariadb.ts'
import { mySqlAvailable, mySqlServer } from '../support/services/mysql.ts'
import { freePort } from '../support/services/ports.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rowtap-demo-test-'))
  chmodSync(folder, 0o711) // under root the database runs as another user
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Demo {
  readonly process: ChildProcess
  readonly ended: Promise<unknown>
  said: string
  /** Resolves when it has written this. */
  saying(text: string): Promise<void>
}

async function demo(...more: string[]): Promise<Demo> {
  const flags = ['--conditions=rowtap-source', 'src/rowtap.js', 'demo', '--rows', '200']
  const child = spawn(process.execPath, [...flags, '--port', String(await freePort()), ...more], {
    env: { ...process.env, TMPDIR: folder },
    detached: true, // a process group of its own, as a shell gives it
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const began: Demo = {
    process: child,
    ended: once(child, 'exit').then(([code]) => code),
    said: '',
    saying: async (text) => {
      while (!began.said.includes(text)) await once(child.stdout, 'data')
    },
  }
  child.stdout.on('data', (chunk: Buffer) => {
    began.said += chunk
  })
  return began
}

/** What Ctrl-C does: the signal goes to the whole group. */
const ctrlC = ({ process: { pid = 0 } }: Demo): void => void process.kill(-pid, 'SIGINT')

/** The process of the server that writes its number into a file of the demo's directory. */
function serverOf(directory: string, pattern: string): number {
  const [file = ''] = globSync(join(directory, '*', pattern))
  return Number(readFileSync(file, 'utf8').split('\n', 1)[0])
}

test('with --seconds it ends by itself, both tables being equal', async () => {
  const run = await demo('--seconds', '1')
  expect(await run.ended).toBe(0)
  expect(run.said).toContain('✓ shop and warehouse are equal, row by row')
  expect(readdirSync(folder)).toEqual([])
})

test.each(['PostgreSQL', 'POST /connectors', 'Try it from another terminal'])(
  'Ctrl-C after "%s" leaves no process and no file',
  async (text) => {
    const run = await demo()
    await run.saying(text)
    const server = serverOf(folder, 'postgres/data/postmaster.pid')
    expect(process.kill(server, 0)).toBe(true)
    ctrlC(run)
    expect(await run.ended).toBe(0)
    expect(readdirSync(folder)).toEqual([])
    expect(() => process.kill(server, 0)).toThrow('ESRCH')
  },
)

const replayed = /✓ (\d+) records replayed, as many as came live/

async function showsMysql(title: string, ...flags: string[]): Promise<void> {
  const run = await demo('--seconds', '1', '--mysql', ...flags)
  expect(await run.ended).toBe(0)
  expect(run.said).toContain(`✓ ${title}`)
  expect(run.said).toContain('✓ shop and warehouse are equal, row by row')
  expect(Number(replayed.exec(run.said)?.[1])).toBeGreaterThan(0)
  expect(readdirSync(folder)).toEqual([])
}

const urlOf = ({ user, password, host, port }: ServerAddress): string =>
  `mysql://${user}:${password}@${host}:${port}`

test.skipIf(!mySqlAvailable)('on a MySQL of the user what came live is replayed', async () => {
  await showsMysql('MySQL', urlOf(await mySqlServer()))
})

test.skipIf(!mariaDbAvailable)('on a MariaDB of the user what came live is replayed', async () => {
  await showsMysql('MariaDB', urlOf(await mariaDbServer()))
})

// Both are made by the same code; which one it is depends on the machine.
test.skipIf(!mariaDbAvailable)('on a server of its own what came live is replayed', async () => {
  await showsMysql('M')
})

test.skipIf(!mariaDbAvailable)('Ctrl-C ends a MySQL or MariaDB of its own', async () => {
  const run = await demo('--mysql')
  await run.saying('Try it from another terminal')
  const server = serverOf(folder, 'mysql/data/*.pid')
  expect(process.kill(server, 0)).toBe(true)
  ctrlC(run)
  expect(await run.ended).toBe(0)
  expect(readdirSync(folder)).toEqual([])
  expect(() => process.kill(server, 0)).toThrow('ESRCH')
})
