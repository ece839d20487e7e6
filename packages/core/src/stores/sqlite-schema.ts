import { closeSync, openSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { Fault } from '../errors.ts'
import type { SqliteSettings } from './sqlite-message.ts'

/** Written into the file's header as `user_version`; a file with a higher number was made by a newer Patchbay. */
const schemaVersion = 1
/** Written into the file's header as `application_id`: "PBAY". */
const application = 0x50424159

/**
 * Where a log's records lie in the one table: log id in the upper bits, offset in the lower ones, so that each log is one
 * contiguous range of the table itself and an append touches no second index.
 */
export const offsetBits = 40

const tables = `
  create table meta (name text primary key, value integer not null) without rowid;
  create table entries (key text primary key, value text not null, version integer not null, expires integer) without rowid;
  create index entries_expires on entries (expires) where expires is not null;
  create table logs (id integer primary key, name text not null unique, last integer not null);
  create table records (place integer primary key, value text not null);
  insert into meta (name, value) values ('sequence', 0);
  pragma application_id = ${application};
  pragma user_version = ${schemaVersion};
`

/**
 * WAL: readers never wait for the writer. FULL: the log is on the disk when COMMIT returns. A checkpoint every 4000 pages (16 MiB)
 * instead of every 1000 gave a fifth more writes under load, and the size limit gives disk space back after a burst.
 */
function settingsOf({ synchronous }: SqliteSettings): string {
  return `
    pragma journal_mode = wal;
    pragma synchronous = ${synchronous};
    pragma wal_autocheckpoint = 4000;
    pragma journal_size_limit = 67108864;
    pragma cache_size = -16384;
  `
}

/**
 * A connection for changes, with the tables made when the file is new.
 * @throws Fault `config` when the file belongs to another program or to a newer Patchbay
 */
export function openForWriting(Database: typeof DatabaseSync, settings: SqliteSettings): DatabaseSync {
  makePrivate(settings.file)
  const database = new Database(settings.file, { timeout: settings.busyTimeoutMs })
  try {
    // Before anything is changed: the file may be somebody else's.
    isNew(database)
    database.exec(settingsOf(settings))
    database.exec('begin immediate')
    if (isNew(database)) database.exec(tables)
    database.exec('commit')
    return database
  } catch (error) {
    // Closing also rolls back.
    database.close()
    throw error
  }
}

/**
 * Makes a new file readable by its owner alone, since tokens may lie in it; SQLite would leave that to the umask, and gives the files beside
 * it the same permissions. Never opens a file that is there: closing it would drop the locks that this process holds on it.
 */
function makePrivate(file: string): void {
  if (file === '' || file === ':memory:' || file.startsWith('file:')) return
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch {
    // It is there, or cannot be made; the latter SQLite says itself.
  }
}

function isNew(database: DatabaseSync): boolean {
  const numberOf = (pragma: string): unknown => database.prepare(`pragma ${pragma}`).get()?.[pragma]
  const ours = numberOf('application_id') === application
  if (!ours && database.prepare('select 1 from sqlite_schema').get() === undefined) return true
  const found = numberOf('user_version')
  if (ours && found === schemaVersion) return false
  const message = ours
    ? `the file has store schema ${found} and this version of @patchbay/core knows ${schemaVersion}: update @patchbay/core`
    : 'the file is a database of another program: give the store a file of its own'
  throw new Fault({ kind: 'config', code: 'store-schema', sent: 'none', message })
}
