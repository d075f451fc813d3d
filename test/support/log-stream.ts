/** Messages of PostgreSQL's replication protocol, as a server sends them. */

/** XLogData: a message of the plugin at a position of the log. */
export function logData(lsn: bigint, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(25)
  header[0] = 0x77
  header.writeBigUInt64BE(lsn, 1)
  header.writeBigUInt64BE(lsn, 9)
  return serverMessage('d', Buffer.concat([header, payload]))
}

export function keepalive(lsn: bigint, mustReply = false): Buffer {
  const body = Buffer.alloc(18)
  body[0] = 0x6b
  body.writeBigUInt64BE(lsn, 1)
  body[17] = mustReply ? 1 : 0
  return serverMessage('d', body)
}

export function serverMessage(code: string, body: Uint8Array): Buffer {
  const head = Buffer.alloc(5)
  head.write(code, 'latin1')
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
