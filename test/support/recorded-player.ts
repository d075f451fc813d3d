/**
 * Plays one recorded case on a stage and returns what came of it. Each step waits for what has to happen: a number of
 * records, a position that the slot has reached, a state, or the recorded answer itself; only a failure waits for a
 * deadline.
 */
import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { hasReached, readsBinlog } from './recorded-binlog.ts'
import { type Answer, type Engine, fill, type RecordedCase, type Step } from './recorded-case.ts'
import { meantMissing, type Played, sameAnswer } from './recorded-compare.ts'
import { connectorConfig, historyTopic } from './recorded-config.ts'
import { RecordedConnector } from './recorded-connector.ts'
import { RecordedDatabase } from './recorded-database.ts'
import { produced, recordsOf } from './recorded-records.ts'
import type { Stage } from './recorded-stage.ts'
import { lastAnswer, until } from './recorded-wait.ts'

const run = `${process.pid.toString(36)}${Date.now().toString(36)}`

/** Each reader of a binlog must have one of its own. */
let lastServerId = 1_000_000 + (process.pid % 10_000) * 1000

export async function play(recorded: RecordedCase, stage: Stage): Promise<Played> {
  const player = new Player(recorded, stage)
  await player.open()
  try {
    for (const [index, step] of recorded.steps.entries()) await player.step(step, recorded.steps[index - 1])
    return await player.played()
  } catch (error) {
    throw new Error(`${recorded.name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  } finally {
    await player.close()
  }
}

class Player {
  readonly #case: RecordedCase
  readonly #stage: Stage
  readonly #connector: RecordedConnector
  readonly #others = new Map<string, RecordedConnector>()
  readonly #produced = new Set<string>()
  readonly #answers: Answer[] = []
  readonly #variables: Readonly<Record<string, string>>
  readonly #database: RecordedDatabase

  constructor(recorded: RecordedCase, stage: Stage) {
    const { prefix, engine } = recorded
    this.#case = recorded
    this.#stage = stage
    this.#connector = new RecordedConnector(stage.url, `${prefix}-own-${run}`)
    const place = (kind: Engine): string => `${stage.servers[kind]?.host}:${stage.servers[kind]?.port}`
    const server = engine === undefined ? undefined : stage.servers[engine]
    this.#variables = {
      ...{ prefix, side: 'own', db: `${prefix}_own`, connector: this.#connector.name },
      work: join(stage.folder, prefix),
      bootstrap: stage.bootstrap,
      ...{ pg: place('postgres'), my: place('mysql'), maria: place('mariadb') },
      mariaUser: stage.servers.mariadb?.user ?? '',
      mariaPassword: stage.servers.mariadb?.password ?? '',
      serverId: String(++lastServerId),
      ...(server === undefined ? {} : { host: server.host, port: String(server.port) }),
    }
    this.#database = new RecordedDatabase(recorded, stage, this.#variables)
  }

  async open(): Promise<void> {
    mkdirSync(this.#filled('{{work}}'), { recursive: true })
    await this.#forgetTopics()
    await this.#database.create()
  }

  async close(): Promise<void> {
    for (const connector of [this.#connector, ...this.#others.values()]) {
      await connector.delete()
      await this.#stage.broker.admin.deleteGroup(`connect-${connector.name}`).catch(() => {})
    }
    await this.#forgetTopics()
    await this.#database.drop()
  }

  async step(step: Step, before: Step | undefined): Promise<void> {
    // That a file connector leaves an unfinished line, or finds its file truncated, shows in nothing else.
    if (step.sleep !== undefined && before?.file !== undefined) await delay(step.sleep)
    else if (step.sql !== undefined) await this.#database.run(step, this.#case.text(step.sql))
    else if (step.exec !== undefined) await this.#database.run(step, step.exec)
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
    if (shown && recorded.length > 0)
      await this.#count(recorded.length - meantMissing(this.#case), this.#shownTopics).catch(() => {})
    const records = shown ? await recordsOf(this.#case, this.#stage.broker, await this.#shownTopics()) : []
    return { records: records.map((record) => this.#scrubbed(record)), answers: this.#answers }
  }

  async #start(step: Step, more: Readonly<Record<string, string>>): Promise<void> {
    const connector = step.name === undefined ? this.#connector : this.#other(step.name)
    const own = step.name === undefined ? this.#config() : {}
    // Else it would still run with its former configuration when the next step is played.
    const runsAlready = readsBinlog(this.#case) && (await connector.parts()).length > 0
    if (runsAlready) await connector.stop()
    await connector.configure(this.#filled({ ...own, ...more }))
    if (runsAlready) await connector.resume()
    if (step.mayFail !== true) await connector.runs()
  }

  #config(): Readonly<Record<string, string>> {
    return connectorConfig(this.#case, this.#stage, this.#filled('{{db}}'))
  }

  #other(name: string): RecordedConnector {
    const known = this.#others.get(name)
    const connector = known ?? new RecordedConnector(this.#stage.url, `${this.#connector.name}-${name}`)
    this.#others.set(name, connector)
    return connector
  }

  /**
   * At least so many records, and nothing on its way: the replication slot, or the stored position, has passed what was
   * written. Where no log is read (`initial_only`), or somebody else moves the slot, the count has to do.
   */
  async #quiet(atLeast: number): Promise<void> {
    await this.#count(atLeast - meantMissing(this.#case), () => this.#topics())
    const config = this.#config()
    const moved = config['lsn.flush.mode'] !== 'manual' && config['flush.lsn.source'] !== 'false'
    if (config['snapshot.mode'] === 'initial_only') return
    if (config['slot.name'] !== undefined && moved)
      await this.#database.slotCaughtUp(() => this.#connector.mustRun())
    if (readsBinlog(this.#case)) await this.#logCaughtUp()
  }

  /** Waits until the connector has stored a position behind all that was written so far. */
  async #logCaughtUp(): Promise<void> {
    const end = await this.#database.logEnd()
    await until(
      async () => `${end.file}:${end.pos} is read; ${JSON.stringify(await this.#connector.offsets())}`,
      async () => {
        if ((await this.#connector.offsets()).some((offset) => hasReached(offset, end))) return true
        await this.#connector.mustRun()
        return false
      },
    )
  }

  async #count(atLeast: number, topics: () => Promise<readonly string[]>): Promise<void> {
    let seen = 0n
    await until(
      () => `${atLeast} records are there; ${seen} are`,
      async () => {
        seen = 0n
        for (const topic of await topics())
          for (const { first, next } of await this.#stage.broker.admin.bounds(topic)) seen += next - first
        if (seen >= BigInt(atLeast)) return true
        await this.#connector.mustRun()
        return false
      },
    )
  }

  #file({ path, text, from, append, truncate, remove }: NonNullable<Step['file']>): void {
    const at = this.#filled(path)
    mkdirSync(dirname(at), { recursive: true })
    const content = from === undefined ? this.#filled(text ?? '') : this.#case.text(from)
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
        topic: this.#filled(topic),
        partitions,
        replicationFactor: 1,
        config,
      })
  }

  async #consumed(wanted: true | readonly string[]): Promise<void> {
    const { admin } = this.#stage.broker
    const topics = wanted === true ? [...this.#produced] : this.#filled(wanted)
    await until(
      () => `${topics.join(', ')} are consumed`,
      async () => {
        const done = await admin.groupOffsets(`connect-${this.#connector.name}`)
        let left = 0
        for (const topic of topics)
          for (const [partition, { next }] of (await admin.bounds(topic)).entries()) {
            const at = done.find((each) => each.topic === topic && each.partition === partition)?.offset ?? 0n
            if (at < next) left++
          }
        if (left > 0) await this.#connector.mustRun()
        return left === 0
      },
    )
  }

  async #delete(): Promise<void> {
    await this.#connector.delete()
    await this.#database.slotIsFree()
  }

  async #exchange(step: Step, { method, path, body }: NonNullable<Step['http']>): Promise<void> {
    const { status, text } = await this.#connector.http(method, this.#filled(path), this.#filled(body))
    if (step.compare === true)
      this.#answers.push({ http: `${method} ${path}`, status, text: this.#scrub(text) })
    if (!path.endsWith('/stop')) return
    await this.#connector.isStopped()
    await this.#database.slotIsFree()
  }

  /** Asks until the answer is the recorded one, or meant to be another; false where the step asks nothing. */
  async #ask(step: Step): Promise<boolean> {
    const question = this.#question(step)
    if (question === null) return false
    const index = this.#answers.length
    const wanted = this.#case.expected.answers[index] ?? {}
    const satisfies = (answer: Answer): boolean => sameAnswer(this.#case, index, wanted, answer)
    const answer = await lastAnswer(question, satisfies)
    this.#answers.push(satisfies(answer) ? answer : { ...answer, _info: await this.#whereItStands() })
    return true
  }

  /** For the reader of a failure: the states and what has failed, and how far a sink's group has come. */
  async #whereItStands(): Promise<string> {
    const [parts, group] = await Promise.all([
      this.#connector.parts(),
      this.#stage.broker.admin.groupOffsets(`connect-${this.#connector.name}`),
    ])
    const offsets = group.map(({ topic, partition, offset }) => `${topic}-${partition}: ${offset}`)
    return `${JSON.stringify(parts)}; the group is at ${offsets.join(', ') || 'no offset'}`
  }

  #question(step: Step): (() => Promise<Answer>) | null {
    const { query, cat, state } = step
    if (query !== undefined)
      return async () => ({ query, text: this.#scrub(await this.#database.ask(step, query)) })
    if (cat !== undefined) return async () => ({ cat, text: this.#scrub(contentOf(this.#filled(cat))) })
    if (state !== undefined) return () => this.#states(state)
    return step.offsets === true ? () => this.#offsets() : null
  }

  async #states(state: string): Promise<Answer> {
    const parts = await this.#connector.parts()
    const traces = parts.map(({ trace = '' }) => trace.split('\n', 1)[0])
    return { state, states: parts.map((each) => each.state), _info: traces.join(' ') }
  }

  async #offsets(): Promise<Answer> {
    const offsets = (await this.#connector.offsets()).map((each) => JSON.stringify(each))
    return { offsets: true, text: this.#scrub(JSON.stringify(offsets.sort())) }
  }

  async #topics(): Promise<readonly string[]> {
    return (await this.#stage.broker.admin.topics()).filter((topic) => this.#case.owns(topic)).sort()
  }

  readonly #shownTopics = async (): Promise<readonly string[]> => {
    const dump = new RegExp(this.#filled(this.#case.dump ?? ''))
    return (await this.#topics()).filter((topic) => dump.test(topic))
  }

  async #forgetTopics(): Promise<void> {
    const history = this.#filled(historyTopic)
    const topics = await this.#stage.broker.admin.topics()
    for (const topic of topics)
      if (topic === history || this.#case.owns(topic)) await this.#stage.broker.admin.delete(topic)
  }

  #filled<T>(value: T): T {
    return fill(value, this.#variables)
  }

  /** Names that differ from run to run, as the recordings hold them. */
  #scrub(text: string): string {
    let scrubbed = text
      .replace(/DEFINER=`[^`]*`@`[^`]*`/g, 'DEFINER=`root`@`127.0.0.1`')
      .replaceAll(this.#connector.name, '{{connector}}')
      .replaceAll(this.#filled('{{work}}'), '{{work}}')
      .replaceAll(
        this.#filled('{{db}}'),
        this.#case.database === 'postgres' ? 'postgres' : '{{prefix}}_{{side}}',
      )
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
