/** A little of what npm run test:fuzz does at length: damaged inputs end in what is right, or are refused. */
import { expect, test } from 'vitest'
import { targets } from '../fuzz/targets/index.ts'
import { tried } from '../fuzz/target.ts'
import { random } from '../support/ddl/random.ts'

const inputs = 400

test.each(targets)('$name', async (target) => {
  const numbers = random(20260101)
  let refused = 0
  for (let i = 0; i < inputs; i++) {
    const input = target.input(numbers)
    try {
      if ((await tried(target, input)) === 'refused') refused++
    } catch (cause) {
      throw new Error(`${target.name} cannot read ${input.toString('base64')}`, { cause })
    }
  }
  if (target.name !== 'packets') expect(refused).toBeGreaterThan(inputs / 20)
  expect(refused).toBeLessThan(inputs)
})
