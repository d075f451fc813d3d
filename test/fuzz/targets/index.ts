/** All that is fuzzed. */
import type { FuzzTarget } from '../target.ts'
import { binlog, binlogRows, payload } from './binlog.ts'
import { ddl } from './ddl.ts'
import { gtids } from './gtids.ts'
import { history } from './history.ts'
import { json } from './json.ts'
import { connectJson, kafkaBatches, pgoutput } from './messages.ts'
import { packets } from './packets.ts'

export const targets: readonly FuzzTarget[] = [
  ...[binlog, binlogRows, payload, json, gtids, packets, ddl, history],
  ...[pgoutput, kafkaBatches, connectJson],
]
