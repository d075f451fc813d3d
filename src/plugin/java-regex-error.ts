/** Java's PatternSyntaxException: description, index, pattern, and a caret under the place. */
export class JavaRegexError extends SyntaxError {
  override readonly name = 'JavaRegexError'

  constructor(description: string, index: number, pattern: string) {
    const near = index >= 0 ? ` near index ${index}` : ''
    const caret = index >= 0 && index < pattern.length ? `\n${' '.repeat(index)}^` : ''
    super(`${description}${near}\n${pattern}${caret}`)
  }
}
