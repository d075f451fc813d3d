/** Holds the tree to what `src/README.md` says of it: who imports whom, file sizes, names. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'src', 'connectors', 'test'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file.endsWith('.ts'))
const sources = files.filter((file) => !file.startsWith('test/'))

/** The folder of the import table that a file belongs to. */
function roomOf(file: string): string {
  const [top, second] = file.split('/')
  return top === 'connectors' ? 'connectors' : (second ?? '').replace(/\.ts$/, '')
}

function allowed(): Map<string, Set<string>> {
  const table = readFileSync('src/README.md', 'utf8').split('## Who may import whom')[1] ?? ''
  const rows = [...table.matchAll(/^\| `([a-z]+)` +\| ([a-z, ]*)\|$/gm)]
  return new Map(
    rows.map(([, room, list]) => [room ?? '', new Set((list ?? '').split(',').map((name) => name.trim()))]),
  )
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map((match) => match[1] ?? '')
}

test('every import is in the table of src/README.md', () => {
  const table = allowed()
  expect(table.size).toBeGreaterThan(10)
  const wrong: string[] = []
  for (const file of sources) {
    const room = roomOf(file)
    const may = table.get(room)
    if (may === undefined) wrong.push(`${file}: the folder ${room} is not in the table`)
    for (const name of importsOf(file)) {
      const target = name.startsWith('#')
        ? name.slice(1)
        : name.startsWith('.')
          ? roomOf(normalize(join(dirname(file), name)))
          : null
      if (target === null || target === room || may?.has('anything') || may?.has(target)) continue
      wrong.push(`${file} imports ${name}`)
    }
  }
  expect(wrong).toEqual([])
})

test('one connector never imports another', () => {
  const wrong = sources
    .filter((file) => file.startsWith('connectors/') && file.split('/').length > 2)
    .flatMap((file) =>
      importsOf(file)
        .filter((name) => name.startsWith('.'))
        .map((name) => normalize(join(dirname(file), name)))
        .filter((target) => target.split('/')[1] !== file.split('/')[1])
        .map((target) => `${file} imports ${target}`),
    )
  expect(wrong).toEqual([])
})

test('a folder is entered by its door: other folders import #folder, not its files', () => {
  const wrong = sources.flatMap((file) =>
    importsOf(file)
      .filter((name) => name.startsWith('.'))
      .map((name) => normalize(join(dirname(file), name)))
      .filter((target) => roomOf(target) !== roomOf(file) && !file.startsWith('src/cli/'))
      .map((target) => `${file} imports ${target}`),
  )
  expect(wrong).toEqual([])
})

test('files stay under 400 lines', () => {
  const long = files.filter((file) => readFileSync(file, 'utf8').split('\n').length > 401)
  expect(long).toEqual([])
})

test('no folder or file is named after nothing', () => {
  expect(
    files.filter(
      (file) =>
        /(^|\/)(utils?|helpers?|common|misc|types|lib)(\/|\.ts$)/.test(file) && !file.endsWith('/types.ts'),
    ),
  ).toEqual([])
})

test('the lock file names no registry', () => {
  expect(readFileSync('package-lock.json', 'utf8')).not.toContain('"resolved"')
})
