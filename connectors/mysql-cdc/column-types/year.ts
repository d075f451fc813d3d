/** YEAR: in the log a byte, years since 1900, of which 0 is the year 0. */
import type { CellReader } from '#cdc'
import { scalar } from '#data'
import { columnTypes as T } from '../decode/log-columns.ts'
import { roundedInteger } from './decimals.ts'
import type { TypeOptions } from './options.ts'
import { misread, type ValueType } from './value-type.ts'

function adjusted(year: number): number {
  if (year >= 100) return year
  return year < 70 ? 2000 + year : 1900 + year
}

export function yearType(options: TypeOptions): ValueType {
  const year = options.adjustYears ? adjusted : (value: number) => value
  const readText: CellReader = (bytes, from, to, writer) => {
    let value = 0
    for (let i = from; i < to; i++) value = value * 10 + (bytes[i] as number) - 0x30
    if ((to - from !== 4 && to - from !== 2) || !(value >= 0 && value <= 9999)) throw misread('a year')
    // YEAR(2) shows the last two digits of a year from 1970 to 2069.
    writer.integer(to - from === 2 ? adjusted(value) : year(value))
  }
  const readLog: CellReader = (bytes, from, _to, writer) => {
    const byte = bytes[from] as number
    writer.integer(byte === 0 ? year(0) : 1900 + byte)
  }
  return {
    schema: scalar('int32', { name: 'io.debezium.time.Year', version: 1 }),
    readText,
    readLog: (column) => (column.type === T.YEAR ? readLog : null),
    zero: 0,
    unavailable: null,
    defaultOf: (literal) => {
      const value = roundedInteger(literal)
      if (value === undefined) return undefined
      // As the server takes them: a text or a number of at most two digits but 0 and '0000' is of 1970 to 2069.
      const isShort = literal.kind === 'text' ? literal.text.length <= 2 : value !== 0n
      return isShort ? adjusted(Number(value)) : year(Number(value))
    },
  }
}
