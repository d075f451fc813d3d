/** What all of Connect's own converters have: the `converter.type` that the runtime sets. */
import { string } from '#plugin'

export const converterType = {
  'converter.type': string({
    doc: 'What the converter is used for: key, value or header. Set by the worker.',
    importance: 'LOW',
  }),
}
