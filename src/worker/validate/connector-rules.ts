/** Rules over several properties of a source or a sink, in Connect's words. */
import { javaRegex, type RawConfig } from '#plugin'
import type { Sheet } from './sheet.ts'

/** `exactly.once.source.support` of the worker. */
export function exactlyOnceEnabled(worker: RawConfig): boolean {
  return (worker['exactly.once.source.support'] ?? 'disabled').trim().toLowerCase() === 'enabled'
}

export function sourceRules(sheet: Sheet, config: RawConfig, worker: RawConfig): void {
  const chosen = (key: string): string => (config[key] ?? '').trim().toLowerCase()
  if (chosen('exactly.once.support') === 'required' && !exactlyOnceEnabled(worker))
    sheet.addError('exactly.once.support', 'This worker does not have exactly-once source support enabled.')
  if (chosen('transaction.boundary') === 'connector')
    sheet.addError(
      'transaction.boundary',
      'The connector does not support connector-defined transaction boundaries with the given configuration. ' +
        'Please reconfigure it to use a different transaction boundary definition.',
    )
}

export function sinkRules(sheet: Sheet, config: RawConfig, worker: RawConfig): void {
  const topics = (config['topics'] ?? '').trim()
  const regex = (config['topics.regex'] ?? '').trim()
  const both = (message: string): void => {
    sheet.addError('topics', message)
    sheet.addError('topics.regex', message)
  }
  if (topics !== '' && regex !== '')
    both('topics and topics.regex are mutually exclusive options, but both are set.')
  if (topics === '' && regex === '') both('Must configure one of topics or topics.regex')
  deadLetterRules(sheet, config, topics, regex)
  groupRules(sheet, config, worker)
}

/** A sink that reads its own dead letters would never end. */
function deadLetterRules(sheet: Sheet, config: RawConfig, topics: string, regex: string): void {
  const deadLetters = (config['errors.deadletterqueue.topic.name'] ?? '').trim()
  if (deadLetters === '') return
  const names = topics.split(',').map((each) => each.trim())
  if (topics !== '' && names.includes(deadLetters))
    sheet.addError(
      'topics',
      `The DLQ topic '${deadLetters}' may not be included in the list of topics ('topics=[${names.join(', ')}]') consumed by the connector`,
    )
  if (
    regex !== '' &&
    sheet.errors('topics.regex').length === 0 &&
    javaRegex(regex, { whole: true }).test(deadLetters)
  )
    sheet.addError(
      'topics.regex',
      `The DLQ topic '${deadLetters}' may not be matched by the regex for the topics ('topics.regex=${regex}') consumed by the connector`,
    )
}

/** A sink's consumer group must not be the group that the workers themselves form. */
function groupRules(sheet: Sheet, config: RawConfig, worker: RawConfig): void {
  const workers = worker['group.id']
  const overridden = config['consumer.override.group.id']
  if (overridden !== undefined) {
    sheet.note('consumer.override.group.id', overridden)
    if (overridden === workers)
      sheet.addError(
        'consumer.override.group.id',
        `Consumer group ${overridden} conflicts with Connect worker group ${workers}`,
      )
  } else if (workers !== undefined && workers === `connect-${config['name'] ?? ''}`)
    sheet.addError(
      'name',
      `Consumer group for sink connector named ${config['name']} conflicts with Connect worker group ${workers}`,
    )
}
