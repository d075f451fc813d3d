import { expect, test } from 'vitest'
import { jsonPlace } from '../../../src/plugin/json-place.ts'

test.each([
  ['{"a": hunter2}', 'line 1, column 7'],
  ['{\n  "a": 1,\n  "p": x\n}', 'line 3, column 8'],
  ['{"a":1', 'line 1, column 7'],
  ['{"a":"unterminated', 'line 1, column 6'],
  ['{"a" 1}', 'line 1, column 6'],
  ["{'a': 1}", 'line 1, column 2'],
  ['{"a":1,}', 'line 1, column 8'],
  ['[1,2,]', 'line 1, column 6'],
  ['[1 2]', 'line 1, column 4'],
  ['{"a":[{},[],{"b":[1,{"c":null}]}], 5}', 'line 1, column 36'],
  ['{"a":1} tail', 'line 1, column 9'],
  ['{"a":"\\x"}', 'line 1, column 6'],
  ['{"a":01}', 'line 1, column 7'],
  ['[1}', 'line 1, column 3'],
  ['', 'line 1, column 1'],
])('%s breaks at %s', (text, place) => {
  expect(() => JSON.parse(text)).toThrow()
  expect(jsonPlace(text)).toBe(place)
})
