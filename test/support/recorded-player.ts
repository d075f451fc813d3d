/**
 * Plays one recorded case on a stage and returns what came of it. Each step waits for what has to happen: a number of
 * records, a position that the slot has reached, a state, or the recorded answer itself; only a failure waits for a
 * deadline.
 */
import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { connectorConfig } from './recorded-config.ts'
import { produced, recordsOf } from './recorded-records.ts'
import { type Answer, type Engine, fill, type RecordedCase, type Step } from './recorded-case.ts'
import { type Played, sameAnswer } from './recorded-compare.ts'
import { answered, sql, type SqlServer } from './recorded-sql.ts'
import type { Stage } from './recorded-stage.ts'

const deadlineMs = 30_000
const run = `${process.pid.toString(36)}${Date.now().toString(36)}`

interface Status {
  readonly connector?: { readonly state: string; readonly trace?: string }
  readonly tasks?: readonly { readonly state: string; readonly trace?: string }[]
}

export async function play(recorded: RecordedCase, stage: Stage): Promise<Played> {
  const player = new Player(recorded, stage)
  await player.open()
  try {
    for (const [index, step] of recorded.steps.entries()) await player.step(step, recorded.steps[index - 1])
    return await player.played()
  } finally {
    await player.close()
  }
}

class Player {
  readonly #case: RecordedCase
  readonly #stage: Stage
  readonly #connector: string
  readonly #others = new Set<string>()
  readonly #produced = new Set<string>()
  readonly #answers: Answer[] = []
  readonly #database: string
  readonly #topics: RegExp
  readonly #variables: Readonly<Record<string, string>>

  constructor(recorded: RecordedCase, stage: Stage) {
    const { prefix, engine } = recorded
    this.#case = recorded
    this.#stage = stage
    this.#connector = `${prefix}-own-${run}`
    this.#database = `${prefix}_own`
    const place = (kind: Engine): string => `${stage.servers[kind]?.host}:${stage.servers[kind]?.port}`
    const server = engine === undefined ? undefined : stage.servers[engine]
    this.#variables = {
      ...{ prefix, side: 'own', db: this.#database, connector: this.#connector },
      work: join(stage.folder, prefix),
      bootstrap: stage.bootstrap,
      ...{ pg: place('postgres'), my: place('mysql'), maria: place('mariadb') },
      ...(server === undefined ? {} : { host: server.host, port: String(server.port) }),
    }
    const topics = recorded.topics ?? '^({{prefix}}(\\..*)?|__debezium-heartbeat\\.{{prefix}})$'
    this.#topics = new RegExp(fill(topics, { prefix }))
  }

  async open(): Promise<void> {
    mkdirSync(join(this.#stage.folder, this.#case.prefix), { recursive: true })
    await this.#forgetTopics()
    await this.#dropDatabase()
    if (this.#ownDatabase()) await this.#administer(`CREATE DATABASE ${this.#database}`)
  }

  async close(): Promise<void> {
    for (const name of [this.#connector, ...this.#others]) {
      await this.#http('DELETE', `/connectors/${name}`)
      await this.#stage.broker.admin.deleteGroup(`connect-${name}`).catch(() => {})
    }
    await this.#forgetTopics()
    await this.#dropDatabase()
  }

  async step(step: Step, before: Step | undefined): Promise<void> {
    // That a file connector leaves an unfinished line, or finds its file truncated, shows in nothing else.
    if (step.sleep !== undefined && before?.file !== undefined) await delay(step.sleep)
    else if (step.sql !== undefined) await this.#sql(step, this.#case.text(step.sql))
    else if (step.exec !== undefined) await this.#sql(step, step.exec)
    else if (step.start !== undefined) await this.#start(step, step.start)
    else if (step.quiet !== undefined) await this.#quiet(step.quiet)
    else if (step.file !== undefined) this.#file(step.file)
    else if (step.produce !== undefined) await this.#produce(step.produce)
    else if (step.topics !== undefined) await this.#makeTopics(step.topics)
    else if (step.consumed !== undefined) await this.#consumed(step.consumed)
    else if (step.delete === true) await this.#delete()
    else if (step.http !== undefined) await this.#exchange(step, step.http)
    else if (!(await this.#ask(step)) && step.sleep === undefined)
      throw new Error(`the step ${JSON.stringify(step)} cannot be played`)
  }

  /** Waits for the last of the recorded records, and shows them all. */
  async played(): Promise<Played> {
    const recorded = this.#case.expected.records
    const shown = this.#case.sink !== true || this.#case.dump !== undefined
    if (shown && recorded.length > 0) await this.#count(recorded.length, this.#shownTopics).catch(() => {})
    const records = shown ? await recordsOf(this.#case, this.#stage.broker, await this.#shownTopics()) : []
    return { records: records.map((record) => this.#scrubbed(record)), answers: this.#answers }
  }

  async #sql(step: Step, text: string): Promise<void> {
    const { engine, server, database } = this.#placeOf(step)
    await sql(engine, server, database, fill(text, this.#variables))
  }

  /** Cases that were recorded in the database that every server has get one of their own. */
  #placeOf(step: Step): { engine: Engine; server: SqlServer; database: string } {
    const engine = step.engine ?? this.#case.engine
    const server = engine === undefined ? undefined : this.#stage.servers[engine]
    if (engine === undefined || server === undefined)
      throw new Error(`there is no ${engine ?? 'database'} here`)
    const named = step.database ?? (this.#ownDatabase() ? '{{db}}' : (this.#case.database ?? ''))
    return { engine, server, database: fill(named, this.#variables) }
  }

  #ownDatabase(): boolean {
    return this.#case.own !== undefined || this.#case.database === 'postgres'
  }

  async #start(step: Step, more: Readonly<Record<string, string>>): Promise<void> {
    const name = step.name === undefined ? this.#connector : `${this.#connector}-${step.name}`
    if (step.name !== undefined) this.#others.add(name)
    const own = step.name === undefined ? connectorConfig(this.#case, this.#stage, this.#database) : {}
    const config = fill({ ...own, ...more }, this.#variables)
    const { status, text } = await this.#http('PUT', `/connectors/${name}/config`, config)
    if (status >= 300) throw new Error(`PUT config: ${status} ${text}`)
    if (step.mayFail === true) return
    await this.#until(`${name} runs`, async () => {
      const states = await this.#states(name)
      return states.length > 1 && states.every((state) => state === 'RUNNING')
    })
  }

  /** At least so many records; and a replication slot has passed all that was written so far. */
  async #quiet(atLeast: number): Promise<void> {
    await this.#count(atLeast, () => this.#ownTopics())
    if (this.#case.engine === 'postgres') await this.#slotCaughtUp()
  }

  async #count(atLeast: number, topics: () => Promise<readonly string[]>): Promise<void> {
    let seen = 0n
    await this.#until(
      () => `${atLeast} records are there; ${seen} are`,
      async () => {
        seen = 0n
        for (const topic of await topics())
          for (const { first, next } of await this.#stage.broker.admin.bounds(topic)) seen += next - first
        if (seen >= BigInt(atLeast)) return true
        await this.#mustRun()
        return false
      },
    )
  }

  /**
   * A position is confirmed once nothing before it is on its way, so a transaction that changes nothing marks the end
   * of what has been written. Where no slot is read (`initial_only`), or somebody else moves it, counts have to do.
   */
  async #slotCaughtUp(): Promise<void> {
    const config = connectorConfig(this.#case, this.#stage, this.#database)
    const slot = fill(config['slot.name'] ?? '', this.#variables)
    const manual = config['lsn.flush.mode'] === 'manual' || config['flush.lsn.source'] === 'false'
    if (slot === '' || manual || config['snapshot.mode'] === 'initial_only') return
    const ask = (text: string): Promise<string> => this.#administer(`\\pset format unaligned\n${text}`)
    const [, end] = (await ask('SELECT txid_current(); SELECT pg_current_wal_insert_lsn()')).split(
      'pg_current_wal_insert_lsn\n',
    )
    const behind = `SELECT confirmed_flush_lsn < '${end?.split('\n', 1)[0]}' AS behind FROM pg_replication_slots WHERE slot_name = '${slot}'`
    await this.#until(`the slot ${slot} has passed what was written`, async () => {
      if ((await ask(behind)).includes('\nf\n')) return true
      await this.#mustRun()
      return false
    })
  }

  #file({ path, text, from, append, truncate, remove }: NonNullable<Step['file']>): void {
    const at = fill(path, this.#variables)
    mkdirSync(dirname(at), { recursive: true })
    const content = from === undefined ? fill(text ?? '', this.#variables) : this.#case.text(from)
    if (remove === true) rmSync(at, { recursive: true, force: true })
    else if (truncate !== undefined) truncateSync(at, truncate)
    else if (append === true) appendFileSync(at, content)
    else writeFileSync(at, content)
  }

  async #produce(file: string): Promise<void> {
    const records = produced(this.#case, this.#case.text(file), this.#variables)
    for (const { topic } of records) this.#produced.add(topic)
    await using producer = await this.#stage.broker.producer()
    for (const record of records) await producer.send([record])
  }

  async #makeTopics(topics: NonNullable<Step['topics']>): Promise<void> {
    for (const { topic, partitions = 1, config = {} } of topics)
      await this.#stage.broker.admin.create({
        topic: fill(topic, this.#variables),
        partitions,
        replicationFactor: 1,
        config,
      })
  }

  async #consumed(wanted: true | readonly string[]): Promise<void> {
    const { admin } = this.#stage.broker
    const topics = wanted === true ? [...this.#produced] : wanted.map((topic) => fill(topic, this.#variables))
    await this.#until(`${topics.join(', ')} are consumed`, async () => {
      const done = await admin.groupOffsets(`connect-${this.#connector}`)
      const left: string[] = []
      for (const topic of topics)
        for (const [partition, { next }] of (await admin.bounds(topic)).entries()) {
          const at = done.find((each) => each.topic === topic && each.partition === partition)?.offset ?? 0n
          if (at < next) left.push(`${topic}-${partition}`)
        }
      if (left.length === 0) return true
      await this.#mustRun()
      return false
    })
  }

  async #delete(): Promise<void> {
    await this.#http('DELETE', `/connectors/${this.#connector}`)
    await this.#slotIsFree()
  }

  async #slotIsFree(): Promise<void> {
    if (this.#case.engine !== 'postgres' || this.#case.sink === true) return
    const active = `\\pset format unaligned\nSELECT count(*) FROM pg_replication_slots WHERE slot_name = '${this.#database}' AND active`
    await this.#until('the slot is free', async () => (await this.#administer(active)).includes('\n0\n'))
  }

  async #exchange(step: Step, { method, path, body }: NonNullable<Step['http']>): Promise<void> {
    const { status, text } = await this.#http(
      method,
      fill(path, this.#variables),
      fill(body, this.#variables),
    )
    if (step.compare === true)
      this.#answers.push({ http: `${method} ${path}`, status, text: this.#scrub(text) })
    if (path.endsWith('/stop')) {
      const stopped = async () => (await this.#states(this.#connector)).join() === 'STOPPED'
      await this.#until('the connector is stopped', stopped)
      await this.#slotIsFree()
    }
  }

  /** Asks until the answer is the recorded one, or meant to be another; false where the step asks nothing. */
  async #ask(step: Step): Promise<boolean> {
    const question = this.#question(step)
    if (question === null) return false
    const index = this.#answers.length
    const wanted = this.#case.expected.answers[index] ?? {}
    const end = performance.now() + deadlineMs / 2
    let answer = await question()
    while (!sameAnswer(this.#case, index, wanted, answer) && performance.now() < end) {
      await delay(50)
      answer = await question()
    }
    this.#answers.push(answer)
    return true
  }

  #question(step: Step): (() => Promise<Answer>) | null {
    const { query, cat, state } = step
    if (query !== undefined) {
      const { engine, server, database } = this.#placeOf(step)
      const text = fill(query, this.#variables)
      return async () => ({ query, text: this.#scrub(await answered(engine, server, database, text)) })
    }
    if (cat !== undefined)
      return async () => ({ cat, text: this.#scrub(contentOf(fill(cat, this.#variables))) })
    if (state !== undefined)
      return async () => {
        const { connector, tasks = [] } = await this.#status(this.#connector)
        const states = [connector?.state ?? null, ...tasks.map((task) => task.state)]
        return { state, states, _info: tasks.map(({ trace = '' }) => trace.split('\n', 1)[0]).join(' ') }
      }
    return step.offsets === true ? () => this.#offsets() : null
  }

  async #offsets(): Promise<Answer> {
    const { text } = await this.#http('GET', `/connectors/${this.#connector}/offsets`)
    const { offsets = [] } = JSON.parse(text) as { offsets?: readonly unknown[] }
    return {
      offsets: true,
      text: this.#scrub(JSON.stringify(offsets.map((each) => JSON.stringify(each)).sort())),
    }
  }

  async #status(name: string): Promise<Status> {
    const { status, text } = await this.#http('GET', `/connectors/${name}/status`)
    return status === 200 ? (JSON.parse(text) as Status) : {}
  }

  async #states(name: string): Promise<readonly string[]> {
    const { connector, tasks = [] } = await this.#status(name)
    return connector === undefined ? [] : [connector.state, ...tasks.map(({ state }) => state)]
  }

  /** A failed task brings nothing any more: there is nothing to wait for. */
  async #mustRun(name = this.#connector): Promise<void> {
    const { connector, tasks = [] } = await this.#status(name)
    const failed = [connector, ...tasks].find((each) => each?.state === 'FAILED')
    if (failed !== undefined) throw new Error(`${name} has FAILED: ${failed.trace}`)
  }

  async #until(what: string | (() => string), condition: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + deadlineMs
    while (!(await condition())) {
      if (performance.now() > end) {
        const status = JSON.stringify(await this.#status(this.#connector))
        throw new Error(
          `${this.#case.name}: not so after ${deadlineMs} ms: ${typeof what === 'string' ? what : what()}; ${status}`,
        )
      }
      await delay(25)
    }
  }

  async #http(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(this.#stage.url + path, { method, headers, ...sent })
    return { status: response.status, text: await response.text() }
  }

  async #ownTopics(): Promise<readonly string[]> {
    return (await this.#stage.broker.admin.topics()).filter((topic) => this.#topics.test(topic)).sort()
  }

  readonly #shownTopics = async (): Promise<readonly string[]> => {
    const dump = new RegExp(fill(this.#case.dump ?? '', this.#variables))
    return (await this.#ownTopics()).filter((topic) => dump.test(topic))
  }

  async #forgetTopics(): Promise<void> {
    for (const topic of await this.#ownTopics()) await this.#stage.broker.admin.delete(topic)
  }

  /** A statement on the case's server, outside of its database. */
  async #administer(statement: string): Promise<string> {
    const { engine, server } = this.#placeOf({})
    return sql(engine, server, engine === 'postgres' ? 'postgres' : '', statement)
  }

  async #dropDatabase(): Promise<void> {
    const { engine, database } = this.#case
    if (engine === undefined) return
    if (engine === 'postgres') {
      await this.#slotIsFree()
      await this.#administer(
        `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '${this.#database}'`,
      )
    }
    const name = this.#ownDatabase() ? this.#database : (database ?? '')
    if (name !== '')
      await this.#administer(`DROP DATABASE IF EXISTS ${name}${engine === 'postgres' ? ' WITH (FORCE)' : ''}`)
  }

  /** Names that differ from run to run, as the recordings hold them. */
  #scrub(text: string): string {
    let scrubbed = text
      .replaceAll(this.#connector, '{{connector}}')
      .replaceAll(this.#variables['work'] ?? '', '{{work}}')
      .replaceAll(this.#database, '{{prefix}}_{{side}}')
    for (const mask of this.#case.maskText ?? []) scrubbed = scrubbed.replace(new RegExp(mask, 'g'), '*')
    return scrubbed
  }

  #scrubbed<T>(value: T): T {
    if (typeof value === 'string') return this.#scrub(value) as T
    if (Array.isArray(value)) return value.map((each) => this.#scrubbed(each)) as T
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.#scrubbed(each)])) as T
  }
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
