/**
 * Finds plugins by name. Tables say what there is and how to load it, so that a worker that never sees MySQL never
 * loads its connector. A plugin answers to its Java class, to the aliases of its entry, and, as in Connect, to the
 * class's simple name and that name without its kind (`JdbcSourceConnector`, `JdbcSource`). Entries' own names win;
 * a simple or pruned name that two classes share means neither.
 */
import { ConnectError } from '#errors'
import type { ConnectorPlugin, Plugin, PluginKind } from './plugin.ts'

export interface PluginEntry<P extends Plugin = Plugin> {
  readonly kind: P['kind']
  readonly javaClass: string
  /** Further names: our alias first, then other Java classes. */
  readonly aliases: readonly string[]
  readonly version: string
  /** Known by its class only, and why it cannot be used: a configuration that names it is refused with this. */
  readonly refused?: string
  load(): Promise<P>
}

/** One row of `GET /connector-plugins`. */
export interface PluginInfo {
  readonly class: string
  readonly type: PluginKind
  readonly version: string
}

type PluginOf<K extends PluginKind> = Extract<Plugin, { readonly kind: K }>

export interface Registry {
  /** In the order of `GET /connector-plugins?connectorsOnly=false`. */
  list(): readonly PluginInfo[]
  /** The entry behind a name, or null. Converters answer as header converters too. */
  find(kind: PluginKind, name: string): PluginEntry | null
  /** As `find`, among all kinds. */
  findAny(name: string): PluginEntry | null
  /** Classes of a kind, sorted: what `config/validate` recommends. */
  classes(kind: PluginKind): readonly string[]
  /** Loads a source or sink; unknown and ambiguous names are errors with Connect's texts. */
  connector(name: string): Promise<ConnectorPlugin>
  /** Loads a plugin of one kind; unknown names are errors. As header converter a `converter` may come back. */
  load<K extends PluginKind>(
    kind: K,
    name: string,
  ): Promise<K extends 'header_converter' ? PluginOf<'converter' | 'header_converter'> : PluginOf<K>>
}

const order: readonly PluginKind[] = [
  'sink',
  'source',
  'transformation',
  'predicate',
  'converter',
  'header_converter',
]
const suffixes: Readonly<Record<PluginKind, readonly string[]>> = {
  source: ['Connector'],
  sink: ['Connector'],
  transformation: ['Transformation'],
  predicate: ['Predicate'],
  converter: ['Converter'],
  header_converter: ['HeaderConverter', 'Converter'],
}

export function createRegistry(entries: readonly PluginEntry[]): Registry {
  const names = nameTable(entries)
  const loaded = new Map<PluginEntry, Promise<Plugin>>()
  const load = (entry: PluginEntry): Promise<Plugin> => {
    let plugin = loaded.get(entry)
    if (plugin === undefined) {
      plugin = entry.load()
      loaded.set(entry, plugin)
    }
    return plugin
  }
  const find = (kind: PluginKind, name: string): PluginEntry | null =>
    (names.get(name) ?? []).find((entry) => serves(entry, kind)) ?? null

  return {
    list: () => listed(entries),
    find,
    findAny: (name) => names.get(name)?.[0] ?? null,
    classes: (kind) =>
      entries
        .filter((entry) => serves(entry, kind) && entry.refused === undefined)
        .map((entry) => entry.javaClass)
        .sort(),
    async connector(name) {
      const entry = find('source', name) ?? find('sink', name)
      if (entry === null) throw unknownConnector(name, entries)
      return (await load(entry)) as ConnectorPlugin
    },
    async load<K extends PluginKind>(kind: K, name: string) {
      const entry = find(kind, name)
      if (entry === null) throw unknownPlugin(kind, name, names.get(name)?.[0] ?? null)
      return (await load(entry)) as never
    },
  }
}

function serves(entry: PluginEntry, kind: PluginKind): boolean {
  return entry.kind === kind || (kind === 'header_converter' && entry.kind === 'converter')
}

/** Every name with the entries it stands for: several only where they are of different kinds. */
function nameTable(entries: readonly PluginEntry[]): ReadonlyMap<string, readonly PluginEntry[]> {
  const own = new Map<string, PluginEntry[]>()
  const derived = new Map<string, Set<PluginEntry>>()
  for (const entry of entries) {
    for (const name of [entry.javaClass, ...entry.aliases]) {
      const others = own.get(name) ?? []
      if (others.some((other) => other.kind === entry.kind || bothConnectors(other, entry)))
        throw new Error(`two plugins of the kind ${entry.kind} are called ${name}`)
      own.set(name, [...others, entry])
    }
    for (const name of shortNames(entry)) derived.set(name, (derived.get(name) ?? new Set()).add(entry))
  }
  for (const [name, candidates] of derived) {
    if (own.has(name) || new Set([...candidates].map((entry) => entry.javaClass)).size > 1) continue
    own.set(name, [...candidates])
  }
  return own
}

function bothConnectors(a: PluginEntry, b: PluginEntry): boolean {
  return serves(a, 'source') || serves(a, 'sink') ? b.kind === 'source' || b.kind === 'sink' : false
}

/** Simple name and pruned name of the class; nested ones (`InsertField$Key`) have neither. */
function shortNames(entry: PluginEntry): string[] {
  if (entry.javaClass.includes('$') || entry.refused !== undefined) return []
  const simple = simpleName(entry.javaClass)
  const pruned = suffixes[entry.kind].map((suffix) => {
    const at = simple.lastIndexOf(suffix)
    return at > 0 ? simple.slice(0, at) : simple
  })
  return [simple, ...pruned]
}

function simpleName(javaClass: string): string {
  return javaClass.slice(Math.max(javaClass.lastIndexOf('.'), javaClass.lastIndexOf('$')) + 1)
}

function listed(entries: readonly PluginEntry[]): PluginInfo[] {
  const rows = order.flatMap((type) =>
    entries
      .filter((entry) => serves(entry, type) && entry.refused === undefined)
      .map((entry) => ({ class: entry.javaClass, type, version: entry.version })),
  )
  const rank = (row: PluginInfo) => order.indexOf(row.type)
  return rows.sort((a, b) => rank(a) - rank(b) || (a.class < b.class ? -1 : a.class > b.class ? 1 : 0))
}

function unknownConnector(name: string, entries: readonly PluginEntry[]): ConnectError {
  const connectors = entries.filter((entry) => entry.kind === 'source' || entry.kind === 'sink')
  const matching = connectors.filter((entry) =>
    [name, `${name}Connector`].includes(simpleName(entry.javaClass)),
  )
  if (matching.length > 1)
    return new ConnectError(
      `More than one connector matches alias ${name}. Please use full package and class name instead. ` +
        `Classes found: ${matching.map((entry) => entry.javaClass).join(', ')}`,
    )
  return new ConnectError(
    `Failed to find any class that implements Connector and which name matches ${name}, ` +
      `available connectors are: ${listed(connectors).map(described).join(', ')}`,
  )
}

/** Java's description of a plugin, which clients see in the error. */
function described(row: PluginInfo): string {
  return (
    `PluginDesc{klass=class ${row.class}, name='${row.class}', version='${row.version}', ` +
    `encodedVersion=${row.version}, type=${row.type}, typeName='${row.type}', location='classpath'}`
  )
}

const interfaces: Readonly<Record<PluginKind, string>> = {
  source: 'SourceConnector',
  sink: 'SinkConnector',
  transformation: 'Transformation',
  predicate: 'Predicate',
  converter: 'Converter',
  header_converter: 'HeaderConverter',
}

/** The Java interface that plugins of a kind implement. */
export function interfaceOf(kind: PluginKind): string {
  return interfaces[kind]
}

function unknownPlugin(kind: PluginKind, name: string, other: PluginEntry | null): ConnectError {
  return other === null
    ? new ConnectError(`Class ${name} could not be found.`)
    : new ConnectError(`Class class ${other.javaClass} does not implement the ${interfaces[kind]} interface`)
}
