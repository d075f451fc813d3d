/**
 * ENUM and SET: a number in the log, labels in text. An enum's number counts from 1, 0 is the empty text that stands
 * for a wrong value; a set's has a bit per label.
 */
import type { CellReader } from '#cdc'
import { scalar } from '#data'
import { columnTypes as T } from '../decode/log-columns.ts'
import type { TypeOptions } from './options.ts'
import { literalText, readUtf8 } from './texts.ts'
import { misread, type ValueType } from './value-type.ts'

/** All labels in one buffer; the last one ends where the next would begin. */
interface Labels {
  readonly bytes: Buffer
  readonly starts: Int32Array
}

function joined(labels: readonly string[]): Labels {
  const parts = labels.map((label) => Buffer.from(label))
  const starts = new Int32Array(labels.length + 1)
  parts.forEach(({ length }, i) => {
    starts[i + 1] = (starts[i] as number) + length
  })
  return { bytes: Buffer.concat(parts), starts }
}

/** As the parameter `allowed` lists them: joined by commas; commas and backslashes in them behind a backslash. */
function allowed(labels: readonly string[]): string {
  return labels.map((label) => label.replaceAll(/[\\,]/g, '\\$&')).join(',')
}

function readEnum({ bytes: text, starts }: Labels): CellReader {
  const count = starts.length - 1
  return (bytes, from, to, writer) => {
    const index =
      to - from === 2 ? (bytes[from] as number) | ((bytes[from + 1] as number) << 8) : (bytes[from] as number)
    if (index > count) throw misread(`an enum of ${count} labels`)
    if (index === 0) writer.text(text, 0, 0)
    else writer.text(text, starts[index - 1] as number, starts[index] as number)
  }
}

function readSet({ bytes: text, starts }: Labels): CellReader {
  const count = starts.length - 1
  const out = Buffer.alloc(text.length + count)
  return (bytes, from, to, writer) => {
    let end = 0
    for (let i = 0; i < (to - from) * 8; i++) {
      if (((bytes[from + (i >> 3)] as number) & (1 << (i & 7))) === 0) continue
      if (i >= count) throw misread(`a set of ${count} labels`)
      if (end > 0) out[end++] = 0x2c
      end += text.copy(out, end, starts[i] as number, starts[i + 1] as number)
    }
    writer.text(out, 0, end)
  }
}

function labelType(
  kind: { readonly name: string; readonly logType: number; readonly read: CellReader },
  labels: readonly string[],
  options: TypeOptions,
): ValueType {
  return {
    schema: scalar('string', {
      name: `io.debezium.data.${kind.name}`,
      version: 1,
      parameters: { allowed: allowed(labels) },
    }),
    readText: readUtf8,
    readLog: (column) => (column.type === kind.logType ? kind.read : null),
    zero: '',
    unavailable: Buffer.from(options.placeholder).toString(),
    defaultOf: (literal) => literalText(literal, null),
  }
}

export function enumType(labels: readonly string[], options: TypeOptions): ValueType {
  return labelType({ name: 'Enum', logType: T.ENUM, read: readEnum(joined(labels)) }, labels, options)
}

export function setType(labels: readonly string[], options: TypeOptions): ValueType {
  return labelType({ name: 'EnumSet', logType: T.SET, read: readSet(joined(labels)) }, labels, options)
}
