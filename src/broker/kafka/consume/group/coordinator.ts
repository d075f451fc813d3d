/** The broker that coordinates a group: found when it is needed, and again when it was not the one or does not answer. */
import { ConnectError } from '#errors'
import type { KafkaCluster } from '../../transport/cluster.ts'
import { retrying } from '../../transport/retry.ts'
import { KafkaError } from '../../wire/error-code.ts'
import { offsetFetchRequest } from '../../wire/offset-fetch.ts'
import type { GroupOffset, TopicPartition } from '../../../broker.ts'
import type { Request } from '../../wire/request.ts'

const [loading, notAvailable, notCoordinator] = [14, 15, 16]

export class Coordinator {
  readonly cluster: KafkaCluster
  readonly group: string
  #node: number | null = null

  constructor(cluster: KafkaCluster, group: string) {
    this.cluster = cluster
    this.group = group
  }

  /** Sent once. A failure that may pass makes the next request look for the coordinator. */
  async send<R>(request: Request<R>): Promise<R> {
    try {
      this.#node ??= await this.cluster.coordinator('group', this.group)
      return await this.cluster.send(this.#node, request)
    } catch (error) {
      if (error instanceof ConnectError && error.retriable) this.#node = null
      throw error
    }
  }

  /** Throws what a code in a coordinator's answer means, where it says that another must be found, or later. */
  mustCoordinate(code: number): void {
    if (code !== loading && code !== notAvailable && code !== notCoordinator) return
    this.#node = null
    throw new KafkaError(code, `The group ${this.group} has no coordinator at present`)
  }

  /** What the group has committed for these; those without are left out. */
  committed(partitions: readonly TopicPartition[], signal: AbortSignal): Promise<readonly GroupOffset[]> {
    return retrying(
      this.cluster.options,
      async () => {
        const offsets = await this.#fetch(partitions)
        for (const { topic, partition, error } of offsets)
          if (error !== 0)
            throw new KafkaError(
              error,
              `What ${this.group} has committed for ${topic}-${partition} is not known`,
            )
        return offsets.filter(({ offset }) => offset >= 0n)
      },
      signal,
    )
  }

  async #fetch(partitions: readonly TopicPartition[]) {
    try {
      return await this.send(offsetFetchRequest(this.group, partitions))
    } catch (error) {
      // It also fails whole where the coordinator has moved.
      if (error instanceof KafkaError) this.#node = null
      throw error
    }
  }
}
