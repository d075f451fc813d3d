/** `SimpleHeaderConverter`, the default for headers: text out, and a guess of what the text was on the way in. */
import { utf8 } from '#bytes'
import { datum, nothing } from '#data'
import { type HeaderConverter, type HeaderConverterPlugin, parseSimple, simpleText, version } from '#plugin'

export const simpleHeaderConverter: HeaderConverterPlugin = {
  kind: 'header_converter',
  javaClass: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  aliases: ['simple'],
  version,
  config: {},
  create(): HeaderConverter {
    return {
      write(_topic, _key, given, out) {
        const value = given.value()
        if (value === null) return false
        out.appendText(simpleText(value, given.schema))
        return true
      },
      read(_topic, _key, bytes) {
        if (bytes === null) return nothing
        const guessed = parseSimple(utf8(bytes, 0, bytes.length))
        return datum(guessed.schema, guessed.value)
      },
    }
  },
}
