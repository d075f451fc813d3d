/**
 * Passwords within longer values: those of addresses (`jdbc:postgresql://u:secret@h/db?password=secret`). What shows a
 * configuration shows it without them (invariant 7).
 */

const hidden = '[hidden]'
const isAddress = /^\s*(?:jdbc:|[a-z][a-z0-9+.-]*:\/\/)/i
const userInfo = /(\/\/[^/?#@\s:]*:)[^/?#\s]*(?=@)/g
const parameter =
  /([?&;(][^=&;?()\s]*(?:password|passwd|passphrase|pwd|secret|token|credential)[^=&;?()\s]*=)[^&;)\s]*/gi

export function withoutSecrets(text: string): string {
  if (!isAddress.test(text)) return text
  return text.replace(userInfo, `$1${hidden}`).replace(parameter, `$1${hidden}`)
}
