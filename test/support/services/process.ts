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

export interface ServerProcess {
  readonly ended: Promise<void>
  /** Sends the signal and waits until the process has ended. */
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
  return {
    ended,
    end: async (signal) => {
      watch.write(`${signal}\n`)
      await ended
    },
    wrote: (text) =>
      new Promise((resolve, reject) => {
        const listener = (line: string): void => {
          if (!line.includes(text)) return
          listeners.delete(listener)
          resolve()
        }
        listeners.add(listener)
        if (lines.some((line) => line.includes(text))) listener(text)
        void ended.then(() =>
          reject(new Error(`${command} has ended; its last lines:\n${lines.slice(-20).join('\n')}`)),
        )
      }),
  }
}
