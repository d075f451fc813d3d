import { expect, test } from 'vitest'
import { parsePlace } from '../../../../../connectors/mysql-cdc/replay/place.ts'

const uuid = '11111111-2222-3333-4444-555555555555'

test('positions, GTIDs and times are told apart by their form', () => {
  expect(parsePlace('mysql-bin.000003:154', 'mysql')).toEqual({
    kind: 'position',
    file: 'mysql-bin.000003',
    pos: 154,
  })
  expect(parsePlace('db-1.example.000003', 'mariadb')).toEqual({
    kind: 'position',
    file: 'db-1.example.000003',
    pos: 4,
  })
  expect(parsePlace('binlog.000003:0', 'mysql')).toMatchObject({ pos: 4 })
  expect(parsePlace(`${uuid.toUpperCase()}:3-4:1-2`, 'mysql')).toEqual({
    kind: 'gtids',
    gtids: `${uuid}:1-4`,
  })
  expect(parsePlace('', 'mysql')).toEqual({ kind: 'gtids', gtids: '' })
  expect(parsePlace('1-2-3, 0-1-4', 'mariadb')).toEqual({ kind: 'gtids', gtids: '0-1-4,1-2-3' })
  expect(parsePlace('2026-01-02T03:04:05.9+01:00', 'mysql')).toMatchObject({
    kind: 'time',
    seconds: Date.UTC(2026, 0, 2, 2, 4, 5) / 1000,
  })
  expect(parsePlace('2026-01-02t03:04:05z', 'mariadb')).toMatchObject({ kind: 'time' })
})

test('what is none of them is refused with an example', () => {
  const refused = (text: string, message: string) => expect(() => parsePlace(text, 'mysql')).toThrow(message)
  refused(
    'yesterday',
    "'yesterday' is no place in the log of a MySQL. Give a position (mysql-bin.000003:154)",
  )
  refused('mysql-bin:154', 'is no place in the log')
  refused('0-1-4', 'is no place in the log')
  refused('2026-01-02', 'Write it with its zone, like 2026-01-02T03:04:05Z')
  refused('2026-01-02T03:04:05', 'Write it with its zone')
  refused('2026-13-02T03:04:05Z', 'there is no such day or hour')
  refused(`${uuid}:x-y`, 'is not a set of GTIDs')
})
