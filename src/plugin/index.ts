export type * from './config.ts'
export type * from './plugin.ts'
export type * from './replay.ts'
export type * from './task.ts'
export { chosenEntry, classField, versionField } from './class-field.ts'
export {
  connectorFields,
  type ConnectorFieldsOptions,
  sinkFields,
  sourceFields,
} from './connector-fields.ts'
export { type Definition, definition, definitions, groups } from './definitions.ts'
export {
  boolean,
  double,
  enumeration,
  type EnumerationSpec,
  type FieldSpec,
  int,
  javaClass,
  list,
  long,
  password,
  short,
  string,
} from './fields.ts'
export { hashMapOrder, javaHash } from './java-hash.ts'
export { JavaRegexError } from './java-regex-error.ts'
export { javaRegex, type JavaRegexOptions, javaReplacer } from './java-regex.ts'
export { jsonPlace } from './json-place.ts'
export { type ConfigValue, parseConfig, unknownKeys, validateConfig } from './parse-config.ts'
export { createRegistry, type PluginEntry, type PluginInfo, type Registry } from './registry.ts'
export { aliases, transformFields } from './transform-fields.ts'
export {
  all,
  atLeast,
  between,
  distinct,
  distinctNonEmpty,
  nameLike,
  nonEmpty,
  oneOf,
  oneOfIgnoringCase,
  regex,
  uniqueAliases,
} from './validators.ts'
export { parseProperties } from './properties.ts'
export { createResolver, type Resolver } from './providers.ts'
export { isTemporal, javaClassOf, javaText } from './java-text.ts'
export { parseSimple, simpleText } from './simple-text.ts'
export { version } from './version.ts'
