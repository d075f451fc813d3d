/** The log of a running server, file by file, as of the moment it is opened. */
import { ConfigError } from '#errors'
import {
  binaryLogs,
  type BinlogOptions,
  type Client,
  connect,
  type Login,
  logPosition,
  openBinlog,
  type ServerFacts,
  serverFacts,
} from '../server/index.ts'
import type { LogFiles } from './find.ts'
import { LogCursor, type LogEvent } from './log-events.ts'

export interface LogAccess {
  readonly login: Login
  readonly binlog: BinlogOptions
  readonly signal: AbortSignal
}

export interface LiveLog extends LogFiles {
  readonly facts: ServerFacts
}

const waitMs = 1000
/** Few enough to be forgotten soon. */
const mostPerBatch = 512

export async function liveLog(access: LogAccess): Promise<LiveLog> {
  const client = await connect(access.login)
  try {
    return await asOfNow(client, access)
  } finally {
    await client.end()
  }
}

export async function asOfNow(client: Client, access: LogAccess): Promise<LiveLog> {
  const facts = await serverFacts(client)
  if (facts.server !== access.login.server)
    throw new ConfigError(
      `The server is ${facts.server === 'mysql' ? 'MySQL' : 'MariaDB'} ${facts.version}.`,
      {
        remedy: 'Use the connector for it.',
      },
    )
  const end = await logPosition(client, facts)
  const logs = await binaryLogs(client)
  const last = logs.findIndex(({ file }) => file === end.file)
  // What was written since is not of this moment.
  const files = [...logs.slice(0, last), { file: end.file, size: end.pos }]
  return {
    facts,
    server: facts.server,
    files,
    events: (file, from) => {
      const size = files.find((each) => each.file === file)?.size ?? 0
      return eventsOf(access, file, from, size)
    },
  }
}

async function* eventsOf(
  { login, binlog, signal }: LogAccess,
  file: string,
  from: number,
  size: number,
): AsyncGenerator<readonly LogEvent[]> {
  if (from >= size) return
  const session = await openBinlog(login, { file, pos: from }, binlog)
  try {
    const cursor = new LogCursor(file, from, session.checksum)
    let batch: LogEvent[] = []
    for (;;) {
      const frame = session.next()
      if (batch.length >= mostPerBatch || (frame === null && batch.length > 0)) {
        yield batch
        batch = []
      }
      if (frame === null) {
        if (session.failure !== null) throw session.failure
        session.drained()
        await session.wait(waitMs, signal)
        signal.throwIfAborted()
        continue
      }
      const event = cursor.take(frame.slab.bytes, frame.from, frame.to)
      if (event === null) continue
      if (event.file === file) batch.push(event)
      if (event.file !== file || event.end >= size) {
        yield batch
        return
      }
    }
  } finally {
    await session.close()
  }
}
