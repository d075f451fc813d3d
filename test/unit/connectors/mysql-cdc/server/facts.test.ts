/** Servers that are not at hand, by what they answer. */
import { expect, test } from 'vitest'
import type { Client, Row } from '../../../../../connectors/mysql-cdc/server/client.ts'
import {
  executedGtids,
  logPosition,
  purgedGtids,
  serverFacts,
} from '../../../../../connectors/mysql-cdc/server/facts.ts'
import { ServerError } from '../../../../../connectors/mysql-cdc/server/failures.ts'

/** What is not among the answers is a syntax error. */
function clientOf(answers: Readonly<Record<string, readonly Row[]>>): Client {
  const query = async (sql: string): Promise<readonly Row[]> => {
    const found = Object.entries(answers).find(([beginning]) => sql.startsWith(beginning))
    if (found === undefined) throw new ServerError('You have an error in your SQL syntax', 1064, '42000')
    return found[1]
  }
  return { query } as Client
}

const variables = (values: Readonly<Record<string, string>>): readonly Row[] =>
  Object.entries(values).map(([name, value]) => ({ Variable_name: name, Value: value }))

const old = variables({
  ...{ version: '8.0.36', log_bin: 'ON', gtid_mode: 'OFF', server_id: '223344', server_uuid: 'some-uuid' },
  ...{ binlog_format: 'ROW', binlog_row_image: 'minimal', lower_case_table_names: '1' },
})

test('MySQL 8.0 without GTIDs: its status has the old name', async () => {
  const client = clientOf({
    'SHOW GLOBAL VARIABLES': old,
    'SHOW MASTER STATUS': [{ File: 'mysql-bin.000003', Position: '5000000000', Executed_Gtid_Set: '' }],
  })
  const facts = await serverFacts(client)
  expect(facts).toMatchObject({
    ...{ version: '8.0.36', server: 'mysql', serverUuid: 'some-uuid', serverId: 223_344, gtids: false },
    ...{ rowImage: 'MINIMAL', rowMetadata: 'MINIMAL', rowValueOptions: '', foldsCase: true, logs: true },
  })
  expect(await logPosition(client, facts)).toEqual({
    file: 'mysql-bin.000003',
    pos: 5_000_000_000,
    gtids: null,
  })
  expect([await purgedGtids(client, facts), await executedGtids(client, facts)]).toEqual([null, null])
})

test('sets of several servers come in one line', async () => {
  const client = clientOf({
    'SHOW GLOBAL VARIABLES': variables({ version: '9.7.0', log_bin: 'ON', gtid_mode: 'ON' }),
    'SHOW BINARY LOG STATUS': [{ File: 'b.1', Position: '4', Executed_Gtid_Set: 'a:1-5,\nb:1-7' }],
  })
  const facts = await serverFacts(client)
  expect(facts.format).toBe('ROW')
  expect((await logPosition(client, facts)).gtids).toBe('a:1-5,b:1-7')
})

test('a server without a binlog says so', async () => {
  const client = clientOf({
    'SHOW GLOBAL VARIABLES': variables({ version: '10.11.6-MariaDB-log', log_bin: 'OFF' }),
    'SHOW MASTER STATUS': [],
  })
  const facts = await serverFacts(client)
  expect([facts.server, facts.logs, facts.gtids]).toEqual(['mariadb', false, true])
  await expect(logPosition(client, facts)).rejects.toThrow('log_bin')
})

test('MariaDB: the position of a place that is not in the log', async () => {
  const client = clientOf({
    'SHOW GLOBAL VARIABLES': variables({ version: '11.4.2-MariaDB', log_bin: 'ON' }),
    'SHOW MASTER STATUS': [{ File: 'b.1', Position: '4' }],
    'SELECT BINLOG_GTID_POS': [{ gtids: null }],
  })
  const facts = await serverFacts(client)
  await expect(logPosition(client, facts)).rejects.toThrow('b.1:4')
})
