/**
 * A reporter for the last words of a run, after which nothing of interest stands further up: what tests have noted
 * (`annotate`), what was skipped, what has failed and why, and `N passed, N failed, N skipped`.
 */
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

interface Failure {
  readonly name: string
  readonly errors: readonly SerializedError[]
}

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const skipped: string[] = []
    const failures: Failure[] = unhandled.map((error) => ({ name: 'outside of a test', errors: [error] }))
    const notes: string[] = []
    let passed = 0
    for (const module of modules) {
      const { relativeModuleId: file } = module
      if (module.errors().length > 0) failures.push({ name: file, errors: module.errors() })
      for (const suite of module.children.allSuites())
        if (suite.errors().length > 0)
          failures.push({ name: `${file} > ${suite.fullName}`, errors: suite.errors() })
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result()
        const name = `${file} > ${test.fullName}`
        notes.push(...test.annotations().map(({ message }) => message))
        if (state === 'passed') passed++
        else if (state === 'failed') failures.push({ name, errors })
        else skipped.push(name)
      }
    }
    const lines = [
      ...notes,
      ...skipped.map((name) => `skipped: ${name}`),
      ...failures.flatMap(described),
      `${passed} passed, ${failures.length} failed, ${skipped.length} skipped`,
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
  }
}

/** The name, the first lines of each error, and where it was thrown; indented, so that `.ci/run` can repeat it. */
function described({ name, errors }: Failure): string[] {
  const causes = errors.flatMap(({ name: kind, message, diff, stacks }) => {
    const [place] = stacks ?? []
    const where = place === undefined ? [] : [`at ${relative('.', place.file)}:${place.line}`]
    return [
      ...firstLines(`${kind ?? 'Error'}: ${message}`, 8),
      ...firstLines(String(diff ?? ''), 16),
      ...where,
    ]
  })
  return [`failed: ${name}`, ...causes.map((line) => `    ${line}`)]
}

function firstLines(text: string, count: number): string[] {
  return stripVTControlCharacters(text)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, count)
}
