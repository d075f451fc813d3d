/** What the control plane wants of a running task: run, rest, or stop. The loops look here; nothing interrupts them. */

export class TaskControl {
  readonly #stop = new AbortController()
  #attention = new AbortController()
  #paused: boolean

  constructor(paused: boolean) {
    this.#paused = paused
  }

  /** Aborted once the task shall end gracefully. */
  get stopping(): AbortSignal {
    return this.#stop.signal
  }

  get paused(): boolean {
    return this.#paused
  }

  /** Aborts at the next pause, resume or stop: ends a wait early. Ask for it anew at each wait. */
  get attention(): AbortSignal {
    return this.#attention.signal
  }

  pause(): void {
    this.#turn(true)
  }

  resume(): void {
    this.#turn(false)
  }

  stop(): void {
    if (this.stopping.aborted) return
    this.#stop.abort(new TaskStopped())
    this.#attention.abort()
  }

  /** Resolves when the task shall run again, or stop. */
  async unpaused(): Promise<void> {
    while (this.#paused && !this.stopping.aborted) await aborted(this.#attention.signal)
  }

  #turn(paused: boolean): void {
    if (this.#paused === paused || this.stopping.aborted) return
    this.#paused = paused
    const past = this.#attention
    this.#attention = new AbortController()
    past.abort()
  }
}

/** The reason of `stopping`: no failure. */
export class TaskStopped extends Error {
  override readonly name = 'AbortError'

  constructor() {
    super('The task is being stopped.')
  }
}

/** Whether what was thrown is only the echo of a stop. */
export function isStop(thrown: unknown, stopping: AbortSignal): boolean {
  return stopping.aborted && thrown instanceof Error && thrown.name === 'AbortError'
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
