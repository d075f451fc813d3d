/** One request as data: its number and version, how its body is written, and how the answer is read. */
import type { RequestWriter } from './request-writer.ts'
import type { ResponseReader } from './response-reader.ts'

export interface Request<Response> {
  /** As Kafka's protocol calls it, for errors and logs. */
  readonly name: string
  readonly apiKey: number
  /** Of the versions that Kafka 2.1 to 4.x all know, the newest that is not a flexible one. */
  readonly version: number
  /** How long the broker may hold the answer back on purpose, on top of request.timeout.ms. */
  readonly heldMs?: number
  write(out: RequestWriter): void
  read(body: ResponseReader): Response
}
