/** Which media types a request may bring and ask for, by the rules that Connect's framework applies. */

const JSON_TYPE = 'application/json'

/** What the answer's Content-Type shall be, or null where JSON is not acceptable (406). */
export function acceptedJson(accept: string | undefined): string | null {
  if (accept === undefined || accept.trim() === '') return JSON_TYPE
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
    const lower = type.toLowerCase()
    if (lower === '*/*' || lower === 'application/*') return JSON_TYPE
    if (lower !== JSON_TYPE) continue
    const kept = parameters.filter((parameter) => !/^q=/i.test(parameter))
    return [JSON_TYPE, ...kept].join(';')
  }
  return null
}

export function acceptsText(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true
  return accept
    .split(',')
    .map((range) => range.split(';', 1)[0]?.trim().toLowerCase())
    .some((type) => type === '*/*' || type === 'text/*' || type === 'text/plain')
}

export type BodyType = 'json' | 'unsupported' | 'malformed' | 'undefined'

/** `undefined`: a body without a type, or of a wildcard type; `malformed`: no media type at all. */
export function bodyType(contentType: string | undefined, hasBody: boolean): BodyType {
  if (contentType === undefined) return hasBody ? 'undefined' : 'json'
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (type === JSON_TYPE) return 'json'
  if (!/^[^\s/]+\/[^\s/]+$/.test(type)) return 'malformed'
  return type.includes('*') ? 'undefined' : 'unsupported'
}
