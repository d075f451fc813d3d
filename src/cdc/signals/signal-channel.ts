/** A channel beside the stream: asked for new signals every `signal.poll.interval.ms`. */
import type { SignalChannelName } from './signal.ts'

export interface ReceivedSignal {
  /** One JSON object. */
  readonly text: string
  readonly channel: Exclude<SignalChannelName, 'source'>
  /** Of a topic's record: goes into the connector's own offsets once the signal is followed. */
  readonly offset: bigint | null
}

export interface SignalChannel extends AsyncDisposable {
  /** What came since the last time. */
  read(): Promise<readonly ReceivedSignal[]>
  /** All that was read has been followed, and the offsets that say so are durable: it may be forgotten. */
  followed?(): Promise<void>
}
