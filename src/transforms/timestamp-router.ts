/** `TimestampRouter`: puts the record's time into the name of its topic. */
import { DataError } from '#errors'
import { parseConfig, string, type TransformPlugin, version } from '#plugin'
import { packageName } from './part.ts'
import { datePattern, validPattern } from './simple-date-format.ts'

const fields = {
  'topic.format': string({
    default: `\${topic}-\${timestamp}`,
    doc: `The new name; \${topic} and \${timestamp} stand for the old name and the time.`,
    importance: 'HIGH',
  }),
  'timestamp.format': string({
    default: 'yyyyMMdd',
    doc: 'A pattern of java.text.SimpleDateFormat; the time is UTC.',
    validate: validPattern,
    importance: 'HIGH',
  }),
}

export const timestampRouter: TransformPlugin = {
  kind: 'transformation',
  javaClass: `${packageName}TimestampRouter`,
  aliases: [],
  version,
  config: fields,
  create(raw) {
    const config = parseConfig(fields, raw)
    const pattern = datePattern(config['timestamp.format'])
    return (record) => {
      if (record.timestamp === null)
        throw new DataError(`Timestamp missing on record of the topic ${record.topic}`)
      const time = pattern.format(Number(record.timestamp))
      const topic = config['topic.format']
        .replaceAll(`\${topic}`, () => record.topic)
        .replaceAll(`\${timestamp}`, () => time)
      return { ...record, topic }
    }
  },
}
