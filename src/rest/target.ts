/**
 * The path of a request, checked as strictly as Kafka Connect's web server does it, because what one server takes for
 * a name another takes for two: encoded separators, dots and percent signs are refused. Names are single segments.
 *
 *   target  := '/' [segment ('/' segment)* ['/']] [';' …] ['?' query]
 *   segment := pchar+              a parameter behind ';' is dropped, '.' and '..' are names like any other
 */

export interface Target {
  /** Without matrix parameters and fragment, still encoded: what routes are matched with. */
  readonly path: string
  readonly query: string
}

/** The parts of a request target, or what is wrong with it. */
export function readTarget(raw: string): Target | { readonly problem: string } {
  const withoutFragment = raw.split('#', 1)[0] ?? ''
  const mark = withoutFragment.indexOf('?')
  const path = mark < 0 ? withoutFragment : withoutFragment.slice(0, mark)
  const query = mark < 0 ? '' : withoutFragment.slice(mark + 1)
  const problem = problemOf(path)
  if (problem !== null) return { problem }
  return { path: path.replace(/;[^/]*/g, ''), query }
}

function problemOf(path: string): string | null {
  if (!path.startsWith('/')) return 'The path of the request must begin with a slash.'
  if (/\/\//.test(path)) return 'The path of the request has an empty segment.'
  const illegal = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]/.exec(path)
  if (illegal !== null)
    return `The path of the request has a character that must be percent-encoded: ${shown(illegal[0])}.`
  if (/%(?![0-9A-Fa-f]{2})/.test(path))
    return 'The path of the request has a % without two hexadecimal digits.'
  if (/%2f|%5c|%25/i.test(path))
    return 'The path of the request has an encoded slash, backslash or percent sign.'
  if (/%(?:[01][0-9a-f]|7f)/i.test(path)) return 'The path of the request has an encoded control character.'
  if (/\/(?:\.|%2e){1,2}(?=\/|$)/i.test(path.replace(/\/\.{1,2}(?=\/|$)/g, '')))
    return 'The path of the request has an encoded dot segment.'
  try {
    decodeURIComponent(path)
    return null
  } catch {
    return 'The path of the request is not UTF-8.'
  }
}

function shown(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

/** The first value of each key as Connect reads it; `expand` alone is asked for with all of its values. */
export function queryValues(query: string, key: string): string[] {
  return new URLSearchParams(query).getAll(key)
}

/** Java's reading of a flag: only `true`, in any case, is true; without a value the default stands. */
export function queryFlag(query: string, key: string, otherwise: boolean): boolean {
  const value = queryValues(query, key)[0] ?? ''
  return value === '' ? otherwise : value.toLowerCase() === 'true'
}

/** `/connectors/<name>` as Connect writes it into `Location`: only what a path may not hold is encoded. */
export function locationPath(name: string): string {
  const encoded = encodeURIComponent(name).replace(/%(?:24|26|2B|2C|2F|3A|3B|3D|40)/g, decodeURIComponent)
  return `/connectors/${encoded}`
}
