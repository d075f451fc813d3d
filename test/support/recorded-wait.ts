/** Waiting for a condition. Only a failure takes the whole time. */
import { setTimeout as delay } from 'node:timers/promises'

const deadlineMs = 60_000

/** `what` is asked for when the condition did not come true. */
export async function until(
  what: () => string | Promise<string>,
  condition: () => Promise<boolean>,
): Promise<void> {
  const end = performance.now() + deadlineMs
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not so after ${deadlineMs} ms: ${await what()}`)
    await delay(25)
  }
}

/** Asks until the answer satisfies; after a third of the time, whatever the last answer was. */
export async function lastAnswer<T>(ask: () => Promise<T>, satisfies: (answer: T) => boolean): Promise<T> {
  const end = performance.now() + deadlineMs / 3
  for (;;) {
    const answer = await ask()
    if (satisfies(answer) || performance.now() > end) return answer
    await delay(50)
  }
}
