/** What the demo prints: colours where a person reads, plain text in pipes, and one line that is rewritten in place. */
export interface Terminal {
  line(text: string): void
  /** Replaces the current line on a terminal; elsewhere prints it only when `keep` is set. */
  status(text: string, keep?: boolean): void
  dim(text: string): string
  bold(text: string): string
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
  cyan(text: string): string
}

export function openTerminal(out: NodeJS.WriteStream): Terminal {
  const colours = out.isTTY === true && process.env['NO_COLOR'] === undefined
  const paint = (code: number) => (text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text)
  let open = false
  return {
    line: (text) => {
      out.write(`${open ? '\r\u001b[K' : ''}${text}\n`)
      open = false
    },
    status: (text, keep = false) => {
      if (out.isTTY === true) {
        out.write(`\r\u001b[K${text}${keep ? '\n' : ''}`)
        open = !keep
      } else if (keep) out.write(`${text}\n`)
    },
    dim: paint(2),
    bold: paint(1),
    red: paint(31),
    green: paint(32),
    yellow: paint(33),
    cyan: paint(36),
  }
}
