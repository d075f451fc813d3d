/**
 * zongji as transport: it agrees with the server on checksums and MariaDB's capabilities, and sends the dump command.
 * The only file that reaches into that package (test/contract/connectors/mysql-cdc holds it to what is used here):
 *   - it uses the `connection` and `ctrlConnection` that it has, and both may be one that is ours;
 *   - it emits `ready` when all that it asked is answered, and adds its dump command right after: bytes that come from
 *     then on are of the dump, and it sees none of them;
 *   - `useChecksum` says what it agreed on.
 */
import ZongJi from '@vlasky/zongji'
import type { Connection } from './connection.ts'

/** One that has both is the place in the file. */
export type LogStart =
  | { readonly file: string; readonly pos: number }
  /** Text of a MySQL set, or of a MariaDB position: all that was read. */
  | { readonly gtids: string }

export interface DumpOptions {
  readonly serverId: number
  /** MariaDB: send the statements that rows come from; MySQL sends what it has logged. */
  readonly annotateRows: boolean
}

interface Transport {
  connection: Connection | null
  ctrlConnection: Connection | null
  readonly useChecksum: boolean
}

/** Calls `begin` right before the dump command goes out; tells whether events have a checksum. */
export function requestDump(
  connection: Connection,
  start: LogStart,
  options: DumpOptions,
  begin: () => void,
): Promise<boolean> {
  const zongji = new ZongJi({})
  const transport = zongji as unknown as Transport
  transport.connection = connection
  transport.ctrlConnection = connection
  return new Promise((resolve, reject) => {
    zongji.on('error', reject)
    zongji.on('ready', () => {
      begin()
      resolve(transport.useChecksum)
    })
    zongji.start({
      serverId: options.serverId,
      requestAnnotateRows: options.annotateRows,
      ...('file' in start ? { filename: start.file, position: start.pos } : { gtidSet: start.gtids }),
    })
  })
}
