/** Most transforms come in two: one for the key of a record, one for its value (`InsertField$Key`, `InsertField$Value`). */
import type { ConnectRecord, Datum } from '#data'
import { type ConfigFields, type RawConfig, type Transform, type TransformPlugin, version } from '#plugin'

export type Part = 'key' | 'value'

/** The package of Kafka Connect's own transforms. */
export const packageName = 'org.apache.kafka.connect.transforms.'

/** The record with another key or value; everything else, its offset too, stays (invariant 5). */
export function withPart<R extends ConnectRecord>(record: R, part: Part, datum: Datum): R {
  return part === 'key' ? { ...record, key: datum } : { ...record, value: datum }
}

export interface PartTransform {
  /** `Cast` of `Cast$Key` and `Cast$Value`. */
  readonly name: string
  readonly config: ConfigFields
  create(raw: RawConfig, part: Part): Transform
}

/** The plugin for one part of the record. */
export function partPlugin(transform: PartTransform, part: Part): TransformPlugin {
  return {
    kind: 'transformation',
    javaClass: `${packageName}${transform.name}$${part === 'key' ? 'Key' : 'Value'}`,
    aliases: [],
    version,
    config: transform.config,
    create: (raw) => transform.create(raw, part),
  }
}
