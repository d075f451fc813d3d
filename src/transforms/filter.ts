/** `Filter`: drops every record; a predicate says which ones come here. */
import { type TransformPlugin, version } from '#plugin'
import { packageName } from './part.ts'

export const filter: TransformPlugin = {
  kind: 'transformation',
  javaClass: `${packageName}Filter`,
  aliases: [],
  version,
  config: {},
  create: () => () => null,
}
