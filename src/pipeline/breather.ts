/**
 * Lets the thread breathe: a task that always has records at hand would otherwise hold it for itself, and nothing else
 * (acknowledgements, a stop, its neighbours) would be heard.
 */
import { setImmediate } from 'node:timers/promises'
import type { Clock } from './clock.ts'

/** Short against what a neighbour notices, long against what a turn of the event loop costs. */
const longestTurnMs = 5

export class Breather {
  readonly #clock: Clock
  #since: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#since = clock.now()
  }

  /** null: not yet due. `idle`: there was nothing to do, so this is the time. */
  breathe(idle: boolean): Promise<void> | null {
    return idle || this.#clock.now() - this.#since > longestTurnMs ? this.#turn() : null
  }

  async #turn(): Promise<void> {
    await setImmediate()
    this.#since = this.#clock.now()
  }
}
