/** The connection beside the stream on which parts of tables are read and marks are set: opened when it is needed. */
import { type Client, connect, isConnectionLoss, type Login } from '../server/index.ts'

export class Session implements AsyncDisposable {
  readonly #login: Login
  #client: Promise<Client> | null = null
  #last: Promise<unknown> = Promise.resolve()

  constructor(login: Login) {
    this.#login = login
  }

  /** One use after the other; a connection that was lost is not used again. */
  use<T>(run: (client: Client) => Promise<T>): Promise<T> {
    const result = this.#last.then(() => this.#run(run))
    this.#last = result.catch(() => {})
    return result
  }

  async #run<T>(run: (client: Client) => Promise<T>): Promise<T> {
    const client = (this.#client ??= connect(this.#login))
    try {
      return await run(await client)
    } catch (error) {
      if (isConnectionLoss(error) && this.#client === client) {
        this.#client = null
        client.then((lost) => lost.destroy()).catch(() => {})
      }
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const client = this.#client
    this.#client = null
    // What runs on it is not waited for.
    if (client !== null) await client.then((open) => open.destroy()).catch(() => {})
  }
}
