/**
 * What consumers of a group tell each other through the broker, which does not look inside. Of both there are several
 * versions; a newer one adds fields at the end, so what is behind the fields of version 3 is passed over.
 *
 *   subscription := version int16 | [topic] | user data bytes | (1) owned: [topic | [partition]]
 *                   | (2) generation int32 | (3) rack
 *   assignment   := version int16 | [topic | [partition]] | user data bytes
 *
 * The user data of `sticky` is `[topic | [partition]] | generation int32`, that of `cooperative-sticky` a generation.
 */
import type { TopicPartition } from '../../broker.ts'
import { DecodeError } from '#errors'
import { readByTopic, writeByTopic } from './by-topic.ts'
import { RequestWriter } from './request-writer.ts'
import { ResponseReader } from './response-reader.ts'

export interface Subscription {
  readonly topics: readonly string[]
  readonly userData: Uint8Array | null
  /** What the member has, and gives back only when it hears that it must. */
  readonly owned: readonly TopicPartition[]
  /** In which it got what it owns; -1: none, or not said. */
  readonly generation: number
  readonly rack: string | null
}

const newest = 3

export function encodeSubscription({ topics, userData, owned, generation, rack }: Subscription): Buffer {
  const out = new RequestWriter().int16(newest)
  out.array(topics, (topic) => out.string(topic)).bytes(userData)
  writePartitions(out, owned)
  return written(out.int32(generation).string(rack))
}

export function decodeSubscription(bytes: Buffer): Subscription {
  const body = new ResponseReader(bytes)
  const version = body.int16()
  if (version < 0) throw new DecodeError(`A member of the group has a subscription of version ${version}.`)
  return {
    topics: body.array(() => body.string()),
    userData: body.bytes(),
    owned: version >= 1 ? readPartitions(body) : [],
    generation: version >= 2 ? body.int32() : -1,
    rack: version >= newest ? body.nullableString() : null,
  }
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  const out = new RequestWriter().int16(newest)
  writePartitions(out, partitions)
  return written(out.bytes(null))
}

/** Of no bytes at all: nothing. */
export function decodeAssignment(bytes: Buffer): TopicPartition[] {
  if (bytes.length === 0) return []
  const body = new ResponseReader(bytes)
  const version = body.int16()
  if (version < 0) throw new DecodeError(`The group's leader has made an assignment of version ${version}.`)
  return readPartitions(body)
}

/** What a member had before, as user data. */
export interface Former {
  readonly partitions: readonly TopicPartition[]
  readonly generation: number
}

export function encodeFormer({ partitions, generation }: Former): Buffer {
  const out = new RequestWriter()
  writePartitions(out, partitions)
  return written(out.int32(generation))
}

/** Members of old say no generation. */
export function decodeFormer(bytes: Uint8Array): Former {
  const body = readerOf(bytes)
  const partitions = readPartitions(body)
  return { partitions, generation: body.left >= 4 ? body.int32() : -1 }
}

export function encodeGeneration(generation: number): Buffer {
  return written(new RequestWriter().int32(generation))
}

export function decodeGeneration(bytes: Uint8Array): number {
  return readerOf(bytes).int32()
}

function writePartitions(out: RequestWriter, partitions: readonly TopicPartition[]): void {
  writeByTopic(out, partitions, ({ partition }) => out.int32(partition))
}

function readPartitions(body: ResponseReader): TopicPartition[] {
  return readByTopic(body, (topic) => ({ topic, partition: body.int32() }))
}

function readerOf(bytes: Uint8Array): ResponseReader {
  return new ResponseReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
}

function written(out: RequestWriter): Buffer {
  return Buffer.concat(out.parts())
}
