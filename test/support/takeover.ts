/** A real Kafka Connect and rowtap, one after the other on the same topics. */
import { startConnect } from './services/connect.ts'
import { restClient, type RestClient } from './rest-client.ts'
import { startWorkerProcess } from './worker-process.ts'

/** One worker at a time on the same group and topics. */
export class Shift {
  readonly #bootstrap: string
  readonly #group: string

  constructor(bootstrap: string, group: string) {
    this.#bootstrap = bootstrap
    this.#group = group
  }

  async connect(work: (rest: RestClient) => Promise<void>): Promise<void> {
    const worker = await startConnect({ bootstrap: this.#bootstrap, groupId: this.#group })
    try {
      await work(restClient(worker.url))
    } finally {
      await worker.stop()
    }
  }

  async rowtap(work: (rest: RestClient) => Promise<void>): Promise<void> {
    const json = 'org.apache.kafka.connect.json.JsonConverter'
    const properties = {
      'bootstrap.servers': this.#bootstrap,
      'group.id': this.#group,
      'config.storage.topic': `${this.#group}-configs`,
      'offset.storage.topic': `${this.#group}-offsets`,
      'status.storage.topic': `${this.#group}-status`,
      'key.converter': json,
      'value.converter': json,
    }
    const worker = await startWorkerProcess({ dataDirectory: '', properties })
    try {
      await work(restClient(worker.url))
    } catch (error) {
      throw new Error(`${String(error).slice(0, 1000)}\n${worker.output().slice(-4000)}`, { cause: error })
    } finally {
      await worker.stop()
    }
  }
}

export interface Status {
  readonly connector: { readonly state: string }
  readonly tasks: readonly { readonly state: string; readonly trace?: string }[]
}

export async function running(rest: RestClient, connector: string): Promise<void> {
  await rest.until<Status>(
    `/connectors/${connector}/status`,
    ({ connector: { state }, tasks }) =>
      state === 'RUNNING' && tasks.length > 0 && tasks.every((task) => task.state === 'RUNNING'),
  )
}
