/** The fork's side of `quiet-forks.ts`: says between the log lines where a test begins, and that it has failed. */
import { writeSync } from 'node:fs'
import { beforeEach } from 'vitest'
import { failedMark } from './mark.ts'

beforeEach(({ task, onTestFailed }) => {
  writeSync(1, `--- ${task.name}\n`)
  onTestFailed(() => void writeSync(1, `${failedMark}\n`))
})
