/**
 * The one SQLite file of the embedded broker. SQLite's exclusive lock keeps other processes out for as long as this
 * one lives, however it ends; the file `owner` next to it only says who that is. WAL with synchronous=FULL: what was
 * committed survives a kill and a power cut.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ConnectError, messageOf } from '#errors'

const format = 1
/** Large pages suit large batches: twice the throughput of SQLite's 4 KiB. */
const pageSize = 16_384
const checkpointPages = 4096

const schema = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE topics (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, config TEXT NOT NULL) STRICT;
  CREATE TABLE partitions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, topic INTEGER NOT NULL, number INTEGER NOT NULL,
    first INTEGER NOT NULL, next INTEGER NOT NULL, cleaned INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE batches (
    id INTEGER PRIMARY KEY, partition INTEGER NOT NULL, base INTEGER NOT NULL, last INTEGER NOT NULL,
    time INTEGER NOT NULL, stored INTEGER NOT NULL, size INTEGER NOT NULL, data BLOB NOT NULL
  ) STRICT;
  CREATE INDEX batches_by_offset ON batches (partition, last, time, size);
  CREATE TABLE group_offsets (
    name TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL,
    PRIMARY KEY (name, topic, partition)
  ) STRICT, WITHOUT ROWID;
`

export interface OpenDatabase {
  readonly directory: string
  readonly db: DatabaseSync
  readonly clusterId: string
}

export function openDatabase(directory: string): OpenDatabase {
  mkdirSync(directory, { recursive: true })
  const db = new DatabaseSync(join(directory, 'broker.db'), { timeout: 0 })
  try {
    db.exec(`PRAGMA page_size=${pageSize}; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;`)
    db.exec(`PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=${checkpointPages}; PRAGMA cache_size=-8000;`)
    db.exec(`PRAGMA journal_size_limit=${pageSize * checkpointPages}; PRAGMA temp_store=MEMORY;`)
    db.exec('BEGIN IMMEDIATE')
    const clusterId = prepareSchema(db, directory)
    db.exec('COMMIT')
    writeFileSync(ownerFile(directory), String(process.pid))
    return { directory, db, clusterId }
  } catch (error) {
    db.close()
    throw isBusy(error) ? inUse(directory, error) : error
  }
}

function prepareSchema(db: DatabaseSync, directory: string): string {
  const made = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'meta'").get() !== undefined
  if (!made) {
    db.exec(schema)
    const insert = db.prepare('INSERT INTO meta (name, value) VALUES (?, ?)')
    insert.run('format', String(format))
    insert.run('cluster.id', randomBytes(16).toString('base64url'))
  }
  const read = db.prepare('SELECT value FROM meta WHERE name = ?')
  const found = String(read.get('format')?.['value'])
  if (found !== String(format))
    throw new ConnectError(
      `The data in ${directory} has format ${found}; this version of rowtap reads format ${format}.`,
      {
        remedy: 'Use the version that wrote it, or another directory.',
      },
    )
  return String(read.get('cluster.id')?.['value'])
}

/** SQLite's primary result codes. */
const sqlite = { busy: 5, readOnly: 8, ioError: 10, full: 13 }

function isBusy(error: unknown): boolean {
  return codeOf(error) === sqlite.busy
}

function codeOf(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : null
}

/** What a failed transaction means to whoever asked for it: where the disk is at fault, that is said. */
export function storageFailure(directory: string, error: unknown): unknown {
  const code = codeOf(error)
  if (code !== sqlite.full && code !== sqlite.ioError && code !== sqlite.readOnly) return error
  const remedy =
    code === sqlite.full
      ? 'Make room there, then restart what has failed.'
      : 'Look after the disk, then restart.'
  return new ConnectError(
    `The embedded broker cannot write to ${directory}: ${messageOf(error)}. Nothing of this was stored; what was stored before is intact.`,
    { remedy, cause: error },
  )
}

function inUse(directory: string, cause: unknown): ConnectError {
  const pid = ownerOf(directory)
  const owner =
    pid === null
      ? 'another process'
      : pid === process.pid
        ? 'this process itself'
        : `the process with pid ${pid}`
  return new ConnectError(`The embedded broker's directory ${directory} is in use by ${owner}.`, {
    remedy: 'Stop that one first, or give this one a directory of its own.',
    cause,
  })
}

function ownerOf(directory: string): number | null {
  try {
    const pid = Number(readFileSync(ownerFile(directory), 'utf8'))
    return pid > 0 ? pid : null
  } catch {
    return null
  }
}

function ownerFile(directory: string): string {
  return join(directory, 'owner')
}
