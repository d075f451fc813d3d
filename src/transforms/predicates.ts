/** Connect's predicates. None of them decodes a value. */
import { nothing } from '#data'
import { javaRegex, nonEmpty, parseConfig, type PredicatePlugin, regex, string, version } from '#plugin'
import { isNull } from './null-probe.ts'
import { packageName } from './part.ts'

const predicates = `${packageName}predicates.`

const patternFields = {
  pattern: string({
    doc: 'A Java regular expression that must match the whole name of the topic.',
    validate: regex,
  }),
}

export const topicNameMatches: PredicatePlugin = {
  kind: 'predicate',
  javaClass: `${predicates}TopicNameMatches`,
  aliases: [],
  version,
  config: patternFields,
  create(raw) {
    const pattern = javaRegex(parseConfig(patternFields, raw).pattern, { whole: true })
    const known = new Map<string, boolean>()
    return ({ topic }) => {
      let matches = known.get(topic)
      if (matches === undefined) {
        matches = pattern.test(topic)
        known.set(topic, matches)
      }
      return matches
    }
  },
}

const nameFields = { name: string({ doc: 'The name of the header.', validate: nonEmpty }) }

export const hasHeaderKey: PredicatePlugin = {
  kind: 'predicate',
  javaClass: `${predicates}HasHeaderKey`,
  aliases: [],
  version,
  config: nameFields,
  create(raw) {
    const { name } = parseConfig(nameFields, raw)
    return ({ headers }) => headers.some((header) => header.key === name)
  },
}

export const recordIsTombstone: PredicatePlugin = {
  kind: 'predicate',
  javaClass: `${predicates}RecordIsTombstone`,
  aliases: [],
  version,
  config: {},
  create: () => (record) => record.value === nothing || isNull(record.value),
}
