/** A reporter for the last words of a run: what was skipped, by name, and `N passed, N failed, N skipped`. */
import type { Reporter, TestModule } from 'vitest/node'

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const skipped: string[] = []
    let passed = 0
    let failed = errors.length
    for (const module of modules) {
      let ran = 0
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed++
        else if (state === 'failed') failed++
        else skipped.push(`${module.relativeModuleId} > ${test.fullName}`)
        ran++
      }
      if (ran === 0 && module.state() === 'failed') failed++
    }
    for (const name of skipped) process.stdout.write(`skipped: ${name}\n`)
    process.stdout.write(`${passed} passed, ${failed} failed, ${skipped.length} skipped\n`)
  }
}
