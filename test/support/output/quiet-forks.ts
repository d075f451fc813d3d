/**
 * vitest's forks with their standard output kept back: workers and their threads log to it directly, past what vitest
 * catches. The last lines are shown when a test fails. `--silent=false` shows all as it comes.
 */
import { Writable } from 'node:stream'
import { ForksPoolWorker, type PoolRunnerInitializer } from 'vitest/node'
import { failedMark } from './mark.ts'

const keptLines = 200

function keptBack(shown: NodeJS.WritableStream): Writable {
  let begun = ''
  let kept: string[] = []
  const take = (line: string): void => {
    if (line === failedMark) {
      shown.write(`${kept.join('\n')}\n`)
      kept = []
    } else if (kept.push(line) > keptLines) kept.shift()
  }
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      const lines = (begun + chunk.toString()).split('\n')
      begun = lines.pop() ?? ''
      lines.forEach(take)
      done()
    },
  })
}

export const quietForks: PoolRunnerInitializer = {
  name: 'quiet-forks',
  createPoolWorker: (options) => {
    const { logger, config } = options.project.vitest
    const fork = new ForksPoolWorker(options)
    if (config.silent !== false) Object.assign(fork, { stdout: keptBack(logger.outputStream) })
    return fork
  },
}
