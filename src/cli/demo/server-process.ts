/**
 * A database server that the demo starts. It has a session of its own, so that the Ctrl-C of a terminal reaches the demo
 * alone, and it is stopped in order; if the demo ends in any other way, it goes with it.
 */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { ConnectError, messageOf } from '#errors'

/** Who a process runs as, where that is not the demo's own user. */
export interface Owner {
  readonly uid?: number
  readonly gid?: number
}

export interface ServerCommand {
  readonly file: string
  readonly options: readonly string[]
  readonly owner: Owner
  /** What it writes to its log once it can be used. */
  readonly ready: string
  /** Goes when the demo ends without having stopped the server. */
  readonly directory: string
  readonly signals: { readonly stop: NodeJS.Signals; readonly lastResort: NodeJS.Signals }
}

/** Resolves, once the server is ready, to how it is stopped. */
export async function startServer(command: ServerCommand, signal: AbortSignal): Promise<() => Promise<void>> {
  const { file, options, owner, ready, directory, signals } = command
  const server = spawn(file, options, { ...owner, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => {
    server.once('exit', () => resolve())
    server.once('error', () => resolve())
  })
  const lastResort = (): void => {
    server.kill(signals.lastResort)
    rmSync(directory, { recursive: true, force: true })
  }
  process.once('exit', lastResort)
  const stop = async (): Promise<void> => {
    server.kill(signals.stop)
    await ended
    process.off('exit', lastResort)
  }
  try {
    await said(server.stderr, ready, signal)
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}

/** Runs a program to its end, or until the signal. */
export async function finished(
  file: string,
  options: readonly string[],
  owner: Owner,
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(file, options, {
    ...owner,
    detached: true,
    signal,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let text = ''
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  child.once('error', reject)
  child.once('close', (code) => {
    if (code === 0) resolve()
    else reject(new ConnectError(`${file} has failed: ${text.trim()}`))
  })
  await promise
}

/** Resolves when the server has written this; its log is read to its end, so that it never blocks. */
function said(log: NodeJS.ReadableStream, wanted: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let text = ''
  log.on('data', (chunk: Buffer) => {
    if (text.includes(wanted)) return
    text += chunk
    if (text.includes(wanted)) resolve()
  })
  log.once('end', () => reject(new ConnectError(`The demo's server has not started: ${text.trim()}`)))
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  return promise
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', (error) => reject(new ConnectError(`No free port: ${messageOf(error)}`)))
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject()))
    })
  })
}
