/** What every converter must do, whatever its format. `cases` are values that it takes and gives back as they were. */
import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '#bytes'
import { datum, nothing, scalar, type Schema, struct, Struct } from '#data'
import { DataError } from '#errors'
import type { ConverterPlugin, RawConfig } from '#plugin'

export interface ConverterCase {
  readonly schema: Schema | null
  readonly value: unknown
}

export interface ConverterSuite {
  readonly plugin: ConverterPlugin
  readonly config?: RawConfig
  readonly cases: readonly ConverterCase[]
  /** Bytes that are no value of this format; null: every text of bytes is one. */
  readonly broken: Uint8Array | null
  /** A value that it cannot write; null: there is none. */
  readonly unwritable?: ConverterCase | null
}

const topic = 't'

export function converterSuite(name: string, suite: ConverterSuite): void {
  const make = () => suite.plugin.create(suite.config ?? {}, 'value')
  const encode = ({ schema, value }: ConverterCase): Buffer => {
    const out = new ByteBuffer(1)
    expect(make().write(topic, datum(schema, value), out)).toBe(true)
    return out.copy()
  }

  describe(name, () => {
    test.each(suite.cases)('gives back $value', (each) => {
      const read = make().read(topic, encode(each))
      expect(shape(read.value())).toEqual(shape(each.value))
    })

    test('writes the same bytes each time, behind what is there already', () => {
      const converter = make()
      const out = new ByteBuffer(1)
      for (const each of suite.cases) {
        out.clear()
        out.appendText('before')
        converter.write(topic, datum(each.schema, each.value), out)
        expect(out.copy()).toEqual(Buffer.concat([Buffer.from('before'), encode(each)]))
      }
    })

    test('what it has read does not change with the buffer it came from', () => {
      const converter = make()
      for (const each of suite.cases) {
        const bytes = encode(each)
        const read = converter.read(topic, bytes)
        bytes.fill(0x30)
        expect(shape(read.value())).toEqual(shape(each.value))
      }
    })

    test('reads one schema as one object', () => {
      const [first] = suite.cases
      if (first === undefined) throw new Error('a suite needs a case')
      const converter = make()
      const bytes = encode(first)
      expect(converter.read(topic, bytes).schema).toBe(converter.read(topic, Buffer.from(bytes)).schema)
    })

    test('neither schema nor value is no bytes, both ways', () => {
      const out = new ByteBuffer(1)
      expect(make().write(topic, nothing, out)).toBe(false)
      expect(out.length).toBe(0)
      const read = make().read(topic, null)
      expect(read.schema).toBeNull()
      expect(read.value()).toBeNull()
    })

    if (suite.broken !== null)
      test('bytes of another format are a data error that does not repeat them', () => {
        const error = thrown(() => make().read(topic, suite.broken))
        expect(error).toBeInstanceOf(DataError)
        expect((error as Error).message).not.toContain('s3cret')
      })

    if (suite.unwritable !== null)
      test('a value that does not fit is a data error, and nothing is left behind', () => {
        const required = struct([['a', scalar('int32')]])
        const wrong = suite.unwritable ?? { schema: required, value: new Struct(required) }
        const out = new ByteBuffer(1)
        out.appendText('before')
        expect(thrown(() => make().write(topic, datum(wrong.schema, wrong.value), out))).toBeInstanceOf(
          DataError,
        )
        expect(out.copy().toString()).toBe('before')
      })
  })
}

/** Values without their schemas, which hold what formats have compiled. */
function shape(value: unknown): unknown {
  if (value instanceof Struct) return { struct: value.schema.name, values: value.values.map(shape) }
  return Array.isArray(value) ? value.map(shape) : value
}

function thrown(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return null
}
