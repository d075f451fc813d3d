/**
 * The Korean characters that euckr has beside those of EUC-KR: all other syllables, in Unicode's order, at the code
 * points that EUC-KR leaves free (Unified Hangul Code), and two signs.
 *
 *   code := 81-A0 (41-5A | 61-7A | 81-FE) | A1-C6 (41-5A | 61-7A | 81-A0)
 */

const [firstSyllable, lastSyllable] = [0xac00, 0xd7a3] as const

const signs: readonly (readonly [code: number, sign: string])[] = [
  [0xa2e6, '€'],
  [0xa2e7, '®'],
]

let extension: Map<number, string> | null = null

/** The character of a code that EUC-KR does not have; U+FFFD if there is none. */
export function extendedKorean(code: number): string {
  extension ??= compile()
  return extension.get(code) ?? '\ufffd'
}

function compile(): Map<number, string> {
  const decoder = new TextDecoder('euc-kr')
  const standard = new Set<string>()
  for (let lead = 0xb0; lead <= 0xc8; lead++)
    for (let trail = 0xa1; trail <= 0xfe; trail++) standard.add(decoder.decode(Uint8Array.of(lead, trail)))
  const codes = freeCodes()
  const found = new Map(signs)
  for (let point = firstSyllable; point <= lastSyllable; point++) {
    const syllable = String.fromCharCode(point)
    if (!standard.has(syllable)) found.set(codes.next().value as number, syllable)
  }
  return found
}

function* freeCodes(): Generator<number> {
  for (let lead = 0x81; lead <= 0xc6; lead++)
    for (let trail = 0x41; trail <= (lead <= 0xa0 ? 0xfe : 0xa0); trail++)
      if (trail <= 0x5a || (trail >= 0x61 && trail <= 0x7a) || trail >= 0x81) yield lead * 256 + trail
}

/** Text in euckr. */
export function koreanText(bytes: Uint8Array): string {
  const decoder = new TextDecoder('euc-kr')
  let text = ''
  let from = 0
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] as number
    const trail = bytes[at + 1] ?? 0
    const isSign = lead === 0xa2 && (trail === 0xe6 || trail === 0xe7)
    const isStandard = lead >= 0xa1 && trail >= 0xa1 && !isSign
    if (lead < 0x80 || isStandard) {
      at += isStandard ? 2 : 1
      continue
    }
    text += decoder.decode(bytes.subarray(from, at)) + extendedKorean(lead * 256 + trail)
    at += 2
    from = at
  }
  return text + decoder.decode(bytes.subarray(from))
}
