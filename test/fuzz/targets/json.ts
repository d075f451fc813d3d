/** Binary JSON documents of a server, damaged; and differences applied to them. */
import { columnTypes as T } from '../../../connectors/mysql-cdc/decode/log-columns.ts'
import { applyJsonDiff } from '../../../connectors/mysql-cdc/decode/json-diff.ts'
import { parseJson, writeJson } from '../../../connectors/mysql-cdc/decode/json-tree.ts'
import { jsonText, printJson } from '../../../connectors/mysql-cdc/column-types/json-text.ts'
import type { Random } from '../../support/ddl/random.ts'
import { changesOf, eventsOf, golden } from '../../unit/connectors/mysql-cdc/golden.ts'
import { damagedOften, type FuzzTarget, holds } from '../target.ts'

let read: readonly Buffer[] | null = null

/** Documents of up to some thousand bytes. */
export function documents(): readonly Buffer[] {
  read ??= ['mysql-types-json', 'mysql-events'].flatMap((name) =>
    eventsOf(golden(`${name}.binlog`)).flatMap((event) =>
      changesOf(event).flatMap(({ table, chunk, after }) =>
        table.columns.flatMap(({ type }, column) => {
          const [from, to] =
            after < 0 ? [-1, -1] : chunk.cells.subarray(after + 2 * column, after + 2 * column + 2)
          if (type !== T.JSON || from === undefined || from < 0) return []
          return [Buffer.from(chunk.bytes.subarray(from, to))].filter(
            ({ length }) => length > 2 && length < 4000,
          )
        }),
      ),
    ),
  )
  return read
}

const steps = ['.a', '.b', '[0]', '[1]', '[9999999999]', '."k"', '."\\u0061"', '.ключ', '[', '."', '.', '..a']

function difference(numbers: Random): Buffer {
  const path = Buffer.from(`$${Array.from({ length: numbers.below(4) }, () => numbers.pick(steps)).join('')}`)
  const operation = numbers.below(3)
  const head = Buffer.concat([Buffer.of(operation, path.length), path])
  if (operation === 2) return head
  const value = numbers.pick(documents().filter(({ length }) => length < 250))
  return Buffer.concat([head, Buffer.of(value.length), value])
}

function textOf(document: Buffer): string {
  const end = printJson(document, 0, document.length)
  return jsonText.toString('utf8', 0, end)
}

/** No text has more bytes than so many times its document's: a control character is written as six. */
const growth = 400

export const json: FuzzTarget = {
  name: 'binary-json',
  input(numbers) {
    const document = damagedOften(numbers.pick(documents()), numbers)
    const whole = Buffer.concat(Array.from({ length: numbers.below(3) }, () => difference(numbers)))
    const size = Buffer.alloc(4)
    size.writeUInt32LE(document.length)
    return Buffer.concat([size, document, damagedOften(whole, numbers)])
  },
  read(input) {
    const end = 4 + input.readUInt32LE(0)
    const document = input.subarray(4, end)
    const text = textOf(document)
    holds(text.length <= growth * document.length, `${text.length} characters of ${document.length} bytes`)
    JSON.parse(text)
    const again = writeJson(parseJson(document, 0, document.length))
    holds(again.length <= 8 * document.length + 16, `${again.length} bytes of ${document.length}`)
    textOf(again)
    textOf(applyJsonDiff(document, input, end, input.length))
  },
}
