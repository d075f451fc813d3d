/**
 * A column's definition, from its name to its last attribute. What no schema shows (storage, checks, references) is
 * passed over by name; a word that is not known is an error, since it might change the column.
 */
import { type CharsetChoice, startsCharset, takeCharset } from './charset-clause.ts'
import { type DataType, dataType } from './data-type.ts'
import { type DefaultClause, defaultClause, takeNow } from './default-clause.ts'
import { expect, isStatementEnd, name, number, pass, passParentheses, tableName, take } from './reading.ts'
import { recordedText } from './text-literal.ts'
import type { Tokens } from './tokens.ts'

export interface ColumnDefinition {
  readonly name: string
  readonly type: DataType
  readonly charset: CharsetChoice | null
  /** Null: not said. */
  readonly nullable: boolean | null
  readonly default: DefaultClause | null
  readonly onUpdateNow: boolean
  readonly autoIncrement: boolean
  /** MariaDB's GENERATED ALWAYS AS ROW END */
  readonly isRowEnd: boolean
  readonly key: 'primary' | 'unique' | null
  readonly comment: string | null
}

type Draft = { -readonly [Key in keyof ColumnDefinition]: ColumnDefinition[Key] }

export function columnDefinition(tokens: Tokens, columnName: string): ColumnDefinition {
  const type = dataType(tokens)
  const draft: Draft = {
    name: columnName,
    type,
    charset: type.charset,
    nullable: type.isSerial ? false : null,
    default: null,
    onUpdateNow: false,
    autoIncrement: type.isSerial,
    isRowEnd: false,
    key: type.isSerial ? 'unique' : null,
    comment: null,
  }
  while (!isEnd(tokens)) {
    const attribute = attributes.get(tokens.upper)
    if (attribute !== undefined) attribute(tokens, draft)
    else if (startsCharset(tokens)) draft.charset = takeCharset(tokens) ?? draft.charset
    else if (tokens.peek() === '=') passOption(tokens)
    else throw tokens.fail('an attribute of the column, a comma or the end of the list')
  }
  return draft
}

const ends = new Set([',', ')', ';', 'FIRST', 'AFTER', 'PARTITION', 'REMOVE'])

function isEnd(tokens: Tokens): boolean {
  return tokens.kind === 'end' || ends.has(tokens.upper)
}

type Attribute = (tokens: Tokens, draft: Draft) => void

const passWord: Attribute = (tokens) => tokens.next()
/** A word, a sign of equality or not, and one more token. */
function passOption(tokens: Tokens): void {
  tokens.next()
  take(tokens, '=')
  if (!isStatementEnd(tokens)) pass(tokens)
}

const attributes = new Map<string, Attribute>([
  ['NOT', takeNot],
  [
    'NULL',
    (tokens, draft) => {
      tokens.next()
      draft.nullable = true
    },
  ],
  ['DEFAULT', takeDefault],
  ['ON', takeOnUpdate],
  [
    'AUTO_INCREMENT',
    (tokens, draft) => {
      tokens.next()
      draft.autoIncrement = true
    },
  ],
  ['PRIMARY', takePrimary],
  ['KEY', takePrimary],
  [
    'UNIQUE',
    (tokens, draft) => {
      tokens.next()
      take(tokens, 'KEY')
      draft.key ??= 'unique'
    },
  ],
  [
    'COMMENT',
    (tokens, draft) => {
      tokens.next()
      draft.comment = comment(tokens)
    },
  ],
  ['GENERATED', takeComputed],
  ['AS', takeComputed],
  ['SERIAL', takeSerial],
  ['REFERENCES', passReferences],
  ['CONSTRAINT', passCheck],
  ['CHECK', passCheck],
  ['COMPRESSED', takeCompressed],
  [
    'SRID',
    (tokens) => {
      tokens.next()
      number(tokens)
    },
  ],
  ...['VISIBLE', 'INVISIBLE', 'VIRTUAL', 'STORED', 'PERSISTENT'].map((word) => [word, passWord] as const),
  ...['COLUMN_FORMAT', 'STORAGE', 'ENGINE_ATTRIBUTE', 'SECONDARY_ENGINE_ATTRIBUTE', 'REF_SYSTEM_ID'].map(
    (word) => [word, passOption] as const,
  ),
  ['WITH', passVersioning],
  ['WITHOUT', passVersioning],
])

function takeNot(tokens: Tokens, draft: Draft): void {
  tokens.next()
  if (take(tokens, 'NULL')) draft.nullable = false
  else if (!take(tokens, 'ENFORCED') && !take(tokens, 'SECONDARY')) throw tokens.fail('NULL')
}

function takeDefault(tokens: Tokens, draft: Draft): void {
  if (startsCharset(tokens)) {
    draft.charset = takeCharset(tokens) ?? draft.charset
    return
  }
  tokens.next()
  draft.default = defaultClause(tokens)
}

function takeOnUpdate(tokens: Tokens, draft: Draft): void {
  expect(tokens, 'ON')
  expect(tokens, 'UPDATE')
  if (!takeNow(tokens)) throw tokens.fail('CURRENT_TIMESTAMP')
  draft.onUpdateNow = true
}

function takePrimary(tokens: Tokens, draft: Draft): void {
  take(tokens, 'PRIMARY')
  take(tokens, 'KEY')
  draft.key = 'primary'
}

/** SERIAL DEFAULT VALUE */
function takeSerial(tokens: Tokens, draft: Draft): void {
  expect(tokens, 'SERIAL', 'DEFAULT', 'VALUE')
  draft.nullable = false
  draft.autoIncrement = true
  draft.key ??= 'unique'
}

/** (GENERATED ALWAYS)? AS (expression), or MariaDB's AS ROW START. */
function takeComputed(tokens: Tokens, draft: Draft): void {
  if (take(tokens, 'GENERATED')) take(tokens, 'ALWAYS')
  expect(tokens, 'AS')
  if (tokens.upper === '(') return passParentheses(tokens)
  expect(tokens, 'ROW')
  if (!take(tokens, 'START')) {
    expect(tokens, 'END')
    draft.isRowEnd = true
  }
  draft.nullable = false
}

/** COMPRESSED, COMPRESSED=zlib: what a client sees of the column stays the same. */
function takeCompressed(tokens: Tokens): void {
  tokens.next()
  if (take(tokens, '=')) tokens.next()
}

function passVersioning(tokens: Tokens): void {
  tokens.next()
  expect(tokens, 'SYSTEM', 'VERSIONING')
}

/** CONSTRAINT name? CHECK (…) (NOT? ENFORCED)? */
export function passCheck(tokens: Tokens): void {
  if (take(tokens, 'CONSTRAINT') && tokens.upper !== 'CHECK') name(tokens)
  expect(tokens, 'CHECK')
  passParentheses(tokens)
  if (!take(tokens, 'NOT', 'ENFORCED')) take(tokens, 'ENFORCED')
}

function passReferences(tokens: Tokens): void {
  expect(tokens, 'REFERENCES')
  tableName(tokens)
  if (tokens.upper === '(') passParentheses(tokens)
  if (take(tokens, 'MATCH')) tokens.next()
  while (take(tokens, 'ON', 'DELETE') || take(tokens, 'ON', 'UPDATE'))
    if (!take(tokens, 'SET', 'NULL') && !take(tokens, 'SET', 'DEFAULT') && !take(tokens, 'NO', 'ACTION'))
      tokens.next()
}

/** In the form in which the schema history keeps texts. */
export function comment(tokens: Tokens): string {
  take(tokens, '=')
  if (tokens.kind !== 'text') throw tokens.fail('a comment')
  const text = recordedText(tokens.text, tokens.dialect)
  tokens.next()
  return text
}
