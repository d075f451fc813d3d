/** `RegexRouter`: renames topics. The pattern must match the whole name; its first match is then replaced. */
import { ConfigError, messageOf } from '#errors'
import { javaRegex, javaReplacer, parseConfig, regex, string, type TransformPlugin, version } from '#plugin'
import { packageName } from './part.ts'

const fields = {
  regex: string({
    doc: 'A Java regular expression for the whole name of the topic.',
    validate: regex,
    importance: 'HIGH',
  }),
  replacement: string({
    doc: `The new name; $1 and \${name} stand for groups of the expression.`,
    importance: 'HIGH',
  }),
}

export const regexRouter: TransformPlugin = {
  kind: 'transformation',
  javaClass: `${packageName}RegexRouter`,
  aliases: [],
  version,
  config: fields,
  create(raw) {
    const config = parseConfig(fields, raw)
    const whole = javaRegex(config.regex, { whole: true })
    const replace = replacer(config.regex, config.replacement)
    const known = new Map<string, string>()
    return (record) => {
      let topic = known.get(record.topic)
      if (topic === undefined) {
        topic = whole.test(record.topic) ? replace(record.topic) : record.topic
        known.set(record.topic, topic)
      }
      return topic === record.topic ? record : { ...record, topic }
    }
  },
}

function replacer(pattern: string, replacement: string): (topic: string) => string {
  try {
    return javaReplacer(pattern, replacement)
  } catch (error) {
    throw new ConfigError(`Invalid value ${replacement} for configuration replacement: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
