/**
 * What the Java servers need: a system Java (17 or later) and their jars, which Maven fetches once into
 * ~/.cache/rowtap-test. Where one of them cannot be had, the tests that need it are skipped by name.
 */
import { execFile, spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const pom = new URL('kafka-pom.xml', import.meta.url).pathname
const run = promisify(execFile)

function onPath(command: string): string | null {
  const candidates = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, command))
  return candidates.find(isExecutable) ?? null
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** `version "17.0.15"`; before Java 9 it was `version "1.8.0"`. */
function majorVersion(java: string): number {
  const { stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' })
  return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0)
}

function findJava(): string | null {
  const home = process.env['JAVA_HOME']
  const found = home === undefined ? onPath('java') : join(home, 'bin', 'java')
  return found !== null && isExecutable(found) && majorVersion(found) >= 17 ? found : null
}

const versionOf = (name: string) =>
  new RegExp(`<${name}>(.+)</${name}>`).exec(readFileSync(pom, 'utf8'))?.[1] ?? ''
const [version, debezium, mariadb] = [versionOf('kafka'), versionOf('debezium'), versionOf('mariadb')]
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rowtap-test')
const installed = join(cache, `kafka-${version}-debezium-${debezium}-mariadb-${mariadb}`)

export const java = findJava()

/** For tests: the run's setup has fetched what was missing, if it could be had (`fetchForRun`). */
export const javaServersAvailable = java !== null && onPath('openssl') !== null && existsSync(installed)

/** For programs that run for seconds or minutes on few cores. */
export const quickStart = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto']

export type Properties = Readonly<Record<string, string>>

export function writeProperties(file: string, properties: Properties): void {
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(file, lines.join(''))
}

export interface JavaLibraries {
  /** The class path of Kafka and Kafka Connect. */
  readonly classPath: string
  /** A folder for Kafka Connect's `plugin.path`. */
  readonly plugins: string
}

/** Fetches once per machine. Two that fetch at the same time do not meet: the first to finish is kept. */
export async function javaLibraries(): Promise<JavaLibraries> {
  if (!existsSync(installed)) {
    mkdirSync(cache, { recursive: true })
    const directory = mkdtempSync(join(cache, 'fetching-'))
    try {
      await fetchLibraries(directory)
      renameSync(directory, installed)
    } catch (error) {
      if (!existsSync(installed)) throw error
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }
  return { classPath: join(installed, 'libs', '*'), plugins: join(installed, 'plugins') }
}

/** Before the first test, since a test's time does not allow for a download. */
export async function fetchForRun(): Promise<void> {
  if (java === null || existsSync(installed) || onPath('mvn') === null) return
  process.stderr.write(`Fetching Kafka ${version} and Debezium ${debezium} into ${installed}, once.\n`)
  await javaLibraries().catch((error: Error) => {
    process.stderr.write(`${error.message}\nThe tests that need Kafka are skipped.\n`)
  })
}

async function fetchLibraries(directory: string): Promise<void> {
  const libs = join(directory, 'libs')
  const plugins = join(directory, 'plugins')
  mkdirSync(join(plugins, 'file'), { recursive: true })
  copyFileSync(pom, join(directory, 'pom.xml'))
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${libs}`]
  await run('mvn', ['-q', '-B', '-f', join(directory, 'pom.xml'), ...goal]).catch(
    (error: { stdout: string }) => {
      throw new Error(`Maven could not fetch Kafka ${version}: ${error.stdout.trim().split('\n')[0]}`)
    },
  )
  for (const connector of [`postgres-${debezium}`, `mysql-${debezium}`, `mariadb-${mariadb}`]) {
    const plugin = join(libs, `debezium-connector-${connector}-plugin.tar.gz`)
    await run('tar', ['xzf', plugin, '-C', plugins])
    rmSync(plugin)
  }
  const fileStream = `connect-file-${version}.jar`
  renameSync(join(libs, fileStream), join(plugins, 'file', fileStream))
}
