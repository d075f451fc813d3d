/** What the command line says when something is wrong: what, where, and what to do; never a secret. */
import { expect, test } from 'vitest'
import { restClient } from '../../../src/cli/client.ts'
import { parseConnectorFile } from '../../../src/cli/connector-file.ts'

test('a connector file that is no JSON is named with the place, and nothing of it is quoted', () => {
  const text = '{\n  "name": "a",\n  "database.password": hunter2\n}'
  const message = messageOf(() => parseConnectorFile(text, 'a.json'))
  expect(message).toBe('a.json is no valid JSON: it cannot be read from line 3, column 24 on.')
  expect(messageOf(() => parseConnectorFile('{"name":"hunter2"', 'a.json'))).toBe(
    'a.json is no valid JSON: it cannot be read from line 1, column 18 on.',
  )
})

test('an address that is none is refused before anything is sent', () => {
  for (const address of ['nonsense', 'ftp://a', 'http://'])
    expect(messageOf(() => restClient(address))).toBe(
      `'${address}' is no address of a worker. Write it like http://127.0.0.1:8083.`,
    )
})

function messageOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return 'nothing was thrown'
}
