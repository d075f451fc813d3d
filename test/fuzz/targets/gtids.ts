/** Sets of GTIDs as text: what is taken is printed so that it is read as the same, and the algebra of sets holds. */
import { GtidSet } from '../../../connectors/mysql-cdc/decode/gtid-set.ts'
import { MariadbGtidPosition } from '../../../connectors/mysql-cdc/decode/mariadb-gtid.ts'
import type { Random } from '../../support/ddl/random.ts'
import { damagedOften, type FuzzTarget, holds } from '../target.ts'

const uuids = ['3E11FA47-71CA-11E1-9E33-C80AA9429562', 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa']
const largest = '9223372036854775806'

function interval(numbers: Random): string {
  const first = numbers.below(40)
  return numbers.pick([
    `${first}`,
    `${first}-${first + numbers.below(12)}`,
    `${first}-${numbers.below(40)}`,
    largest,
  ])
}

function set(numbers: Random): string {
  const sources = Array.from({ length: numbers.below(4) }, () => {
    const items = Array.from({ length: 1 + numbers.below(6) }, () =>
      numbers.chance(12) ? numbers.pick(['tag', '_x9', 'Tag']) : interval(numbers),
    )
    return [numbers.pick(uuids), ...items].join(':')
  })
  return sources.join(numbers.pick([',', ',\n', ' , ']))
}

function position(numbers: Random): string {
  const gtid = () =>
    `${numbers.below(4)}-${numbers.below(4)}-${numbers.pick([`${numbers.below(50)}`, '18446744073709551615'])}`
  return Array.from({ length: numbers.below(4) }, gtid).join(',')
}

function readMysql(one: string, other: string): void {
  const [a, b] = [GtidSet.parse(one), GtidSet.parse(other)]
  holds(GtidSet.parse(a.toString()).equals(a), `${a} is read as another set`)
  const [both, either, left] = [a.intersect(b), a.union(b), a.subtract(b)]
  holds(left.union(both).equals(a), `(${a}) of two parts is not whole`)
  holds(
    left.intersect(b).isEmpty && either.contains(a) && either.contains(b),
    `(${a}) and (${b}) are at odds`,
  )
  holds(
    either.subtract(b).equals(left) && a.contains(both) && b.contains(both),
    `(${a}) and (${b}) are at odds`,
  )
  holds(a.contains(b) === b.subtract(a).isEmpty, `whether (${a}) contains (${b})`)
}

function readMariadb(one: string, other: string): void {
  const [a, b] = [MariadbGtidPosition.parse(one), MariadbGtidPosition.parse(other)]
  holds(MariadbGtidPosition.parse(a.toString()).equals(a), `${a} is read as another position`)
  const either = a.union(b)
  holds(either.contains(a) && either.contains(b), `(${a}) and (${b}) are at odds`)
  holds(b.contains(a) === a.subtract(b).isEmpty, `whether (${b}) contains (${a})`)
}

export const gtids: FuzzTarget = {
  name: 'gtids',
  input(numbers) {
    const make = numbers.chance(70) ? set : position
    const text = Buffer.from(`${make === set ? 'S' : 'P'}${make(numbers)};${make(numbers)}`)
    return numbers.chance(30) ? damagedOften(text, numbers) : text
  },
  read(input) {
    const [one = '', other = ''] = input.toString('latin1', 1).split(';')
    if (input[0] === 0x53) readMysql(one, other)
    else readMariadb(one, other)
  },
}
