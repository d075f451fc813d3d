/** A connector of the worker that cases are played on, over REST. */
import { until } from './recorded-wait.ts'

interface Part {
  readonly state: string
  readonly trace?: string
}

interface Status {
  readonly connector?: Part
  readonly tasks?: readonly Part[]
}

export interface Exchanged {
  readonly status: number
  readonly text: string
}

export class RecordedConnector {
  readonly name: string
  readonly #url: string

  constructor(url: string, name: string) {
    this.#url = url
    this.name = name
  }

  async http(method: string, path: string, body?: unknown): Promise<Exchanged> {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(this.#url + path, { method, headers, ...sent })
    return { status: response.status, text: await response.text() }
  }

  async configure(config: Readonly<Record<string, string>>): Promise<void> {
    const { status, text } = await this.http('PUT', `/connectors/${this.name}/config`, config)
    if (status >= 300) throw new Error(`PUT config: ${status} ${text}`)
  }

  async stop(): Promise<void> {
    await this.http('PUT', `/connectors/${this.name}/stop`)
    await this.isStopped()
  }

  async resume(): Promise<void> {
    await this.http('PUT', `/connectors/${this.name}/resume`)
  }

  /** Its status stays for a moment: whoever starts it anew must not find that. */
  async delete(): Promise<void> {
    await this.http('DELETE', `/connectors/${this.name}`)
    await this.#until('is gone', (states) => states.length === 0)
  }

  async offsets(): Promise<readonly unknown[]> {
    const { text } = await this.http('GET', `/connectors/${this.name}/offsets`)
    return (JSON.parse(text) as { offsets?: readonly unknown[] }).offsets ?? []
  }

  /** The connector and its tasks; nothing where there is no such connector. */
  async parts(): Promise<readonly Part[]> {
    const { status, text } = await this.http('GET', `/connectors/${this.name}/status`)
    if (status !== 200) return []
    const { connector, tasks = [] } = JSON.parse(text) as Status
    return connector === undefined ? [] : [connector, ...tasks]
  }

  async runs(): Promise<void> {
    await this.#until('runs', (states) => states.length > 1 && states.every((state) => state === 'RUNNING'))
  }

  async isStopped(): Promise<void> {
    await this.#until('is stopped', (states) => states.join() === 'STOPPED')
  }

  /** A failed task brings nothing any more: there is nothing to wait for. */
  async mustRun(): Promise<void> {
    const failed = (await this.parts()).find(({ state }) => state === 'FAILED')
    if (failed !== undefined) throw new Error(`${this.name} has FAILED: ${failed.trace}`)
  }

  async #until(what: string, condition: (states: readonly string[]) => boolean): Promise<void> {
    let parts: readonly Part[] = []
    await until(
      () => `${this.name} ${what}; ${JSON.stringify(parts)}`,
      async () => {
        parts = await this.parts()
        return condition(parts.map(({ state }) => state))
      },
    )
  }
}
