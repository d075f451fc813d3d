/** The package as it is published: built, packed, unpacked elsewhere, and a task run from it. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { connectWorker } from '../support/worker-process.ts'
import { freePort } from '../support/services/ports.ts'

const root = new URL('../..', import.meta.url).pathname
const directory = mkdtempSync(join(tmpdir(), 'rowtap-package-'))
const modules = join(directory, 'node_modules')
const unpacked = join(modules, 'rowtap')

afterAll(() => rmSync(directory, { recursive: true, force: true }))

function npm(...args: string[]): void {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
}

/** Unpacks the tarball into a `node_modules` beside links to what the checkout has installed. */
function install(): void {
  npm('run', 'build')
  npm('pack', '--pack-destination', directory)
  const tarball = readdirSync(directory).find((name) => name.endsWith('.tgz')) ?? ''
  mkdirSync(unpacked, { recursive: true })
  execFileSync('tar', ['-xzf', join(directory, tarball), '-C', unpacked, '--strip-components=1'])
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name))
}

test('a task runs from the packed tarball', async () => {
  install()
  const manifest = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'))
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
    expect(manifest.scripts).not.toHaveProperty(script)
  expect(readdirSync(unpacked).sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'dist',
    'package.json',
    'schemas',
  ])

  const bin = join(unpacked, manifest.bin.rowtap)
  expect(execFileSync(process.execPath, [bin, '--version'], { encoding: 'utf8' }).trim()).toBe(
    manifest.version,
  )
  const input = join(directory, 'in.txt')
  writeFileSync(input, 'one\ntwo\n')
  const port = await freePort()
  const environment = {
    CONNECT_DATA_DIR: join(directory, 'data'),
    CONNECT_LISTENERS: `http://127.0.0.1:${port}`,
  }
  const child = spawn(process.execPath, [bin, 'worker'], {
    cwd: directory,
    env: { ...process.env, ...environment },
  })
  try {
    const worker = await connectWorker(child, port)
    const config = { 'connector.class': 'file-source', file: input, topic: 'lines' }
    await worker.send('POST', '/connectors', { name: 'lines', config })
    await worker.until<{ offsets: { offset: { position: number } }[] }>(
      '/connectors/lines/offsets',
      ({ offsets }) => offsets[0]?.offset.position === 8,
    )
    expect(await worker.stop()).toBe(0)
  } finally {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
})
