/**
 * A server process that ends with us, however we end. A shell starts it and holds the read end of a pipe; when this
 * process is gone, the pipe is closed, and the shell kills the server and removes its directory. The server is in a
 * session of its own: Ctrl-C reaches it only through us.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

// The watch reads the names of signals, and `over` when the server has ended in our lifetime.
const keeper = `
directory=$1; shift
"$@" 3<&- &
server=$!
(
  while read -r word <&3; do
    [ "$word" = over ] && exit
    kill -s "$word" $server
  done
  kill -s KILL $server
  while kill -s 0 $server; do sleep 0.1; done
  rm -rf "$directory"
) 2>/dev/null >&2 &
exec 3<&-
wait $server
`

/** Nothing here takes that long: who waits longer would wait for ever. */
const longestMs = 120_000

export interface ServerProcess {
  readonly ended: Promise<void>
  /** Sends the signal and waits until the process has ended; fails, and kills it, when it does not. */
  end(signal: 'TERM' | 'KILL'): Promise<void>
  /** Resolves when the process writes a line with this text; rejects with its last lines when it ends before. */
  wrote(text: string): Promise<void>
}

export function startProcess(command: string, args: readonly string[], directory: string): ServerProcess {
  const shell = spawn('sh', ['-c', keeper, 'keeper', directory, command, ...args], {
    cwd: directory,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  // Not its stdin: Node.js closes that when the shell ends, before the last word.
  const watch = shell.stdio[3] as Writable
  watch.on('error', () => {})
  shell.once('exit', () => watch.end('over\n'))
  const ended = new Promise<void>((resolve) => shell.once('close', () => resolve()))
  const lines: string[] = []
  const listeners = new Set<(line: string) => void>()
  for (const stream of [shell.stdio[1], shell.stdio[2]] as Readable[]) {
    createInterface(stream).on('line', (line) => {
      lines.push(line)
      if (lines.length > 200) lines.shift()
      for (const listener of listeners) listener(line)
    })
  }
  const last = (what: string): string => `${what}; its last lines:\n${lines.slice(-20).join('\n')}`
  return {
    ended,
    end: async (signal) => {
      watch.write(`${signal}\n`)
      const late = setTimeout(() => watch.write('KILL\n'), longestMs)
      const began = performance.now()
      await ended
      clearTimeout(late)
      if (performance.now() - began >= longestMs) throw new Error(last(`${command} did not end on ${signal}`))
    },
    wrote: (text) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error(last(`${command} does not write '${text}'`))),
          longestMs,
        )
        late.unref()
        const listener = (line: string): void => {
          if (!line.includes(text)) return
          clearTimeout(late)
          listeners.delete(listener)
          resolve()
        }
        listeners.add(listener)
        if (lines.some((line) => line.includes(text))) listener(text)
        void ended.then(() => reject(new Error(last(`${command} has ended`))))
      }),
  }
}
