/** The fields that requests and answers are made of. */
import { expect, test } from 'vitest'
import { errorName, KafkaError, mustSucceed } from '../../../../../src/broker/kafka/wire/error-code.ts'
import { RequestWriter } from '../../../../../src/broker/kafka/wire/request-writer.ts'
import { ResponseReader } from '../../../../../src/broker/kafka/wire/response-reader.ts'

test('what is written is read as it was', () => {
  const writer = new RequestWriter()
    .int8(-2)
    .boolean(true)
    .int16(-300)
    .int32(-70_000)
    .int64(-(2n ** 50n))
    .string('wärme')
    .string(null)
    .bytes(Buffer.from([1, 2]))
    .bytes(null)
  writer.array([1, 2], (each) => void writer.int8(each)).array(null, () => {})
  const reader = new ResponseReader(Buffer.concat(writer.parts()))
  expect([reader.int8(), reader.boolean(), reader.int16(), reader.int32(), reader.int64()]).toEqual([
    -2,
    true,
    -300,
    -70_000,
    -(2n ** 50n),
  ])
  expect([reader.string(), reader.nullableString()]).toEqual(['wärme', null])
  expect([reader.bytes(), reader.bytes()]).toEqual([Buffer.from([1, 2]), null])
  expect([reader.array(() => reader.int8()), reader.array(() => reader.int8())]).toEqual([[1, 2], []])
  expect(reader.left).toBe(0)
})

test('what is attached is not copied, and stands where it was attached', () => {
  const batch = Buffer.from([9, 9])
  const parts = new RequestWriter().int8(1).attach(batch).int8(2).parts()
  expect(Buffer.concat(parts).toString('hex')).toBe('0100000002090902')
  expect(parts[1]?.buffer).toBe(batch.buffer)
})

test('parts stay as they are while the writer grows', () => {
  const writer = new RequestWriter().int32(7).attach(Buffer.from([1]))
  for (let i = 0; i < 1000; i++) writer.int32(i)
  const bytes = Buffer.concat(writer.parts())
  expect(bytes.readInt32BE(0)).toBe(7)
  expect(bytes.readInt32BE(9 + 999 * 4)).toBe(999)
})

test('more entries than there are bytes are not believed', () => {
  const reader = new ResponseReader(Buffer.from('7fffffff00', 'hex'))
  expect(() => reader.array(() => reader.int8())).toThrow(/announces 2147483647 entries in 1 bytes/)
})

test("errors carry Java's names and whether to try again", () => {
  const thrown = (code: number): unknown => {
    try {
      return mustSucceed(code, 'The topic x cannot be made', 'no')
    } catch (error) {
      return error
    }
  }
  expect(thrown(0)).toBeUndefined()
  expect(thrown(41)).toMatchObject({
    message: 'The topic x cannot be made (no): NOT_CONTROLLER.',
    code: 'NOT_CONTROLLER',
    javaClass: 'org.apache.kafka.common.errors.NotControllerException',
    retriable: true,
  })
  expect(thrown(37)).toMatchObject({ code: 'INVALID_PARTITIONS', retriable: false })
  expect(new KafkaError(4711, 'x')).toMatchObject({ code: 'ERROR_4711', retriable: false })
  expect(errorName(36)).toBe('TOPIC_ALREADY_EXISTS')
})
