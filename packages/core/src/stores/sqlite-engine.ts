import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { Fault, type Sent } from '../errors.ts'
import type { LogRecord, StoredEntry, Version, Write, WriteGroup, WriteResult } from '../store.ts'
import { firstConflict } from './conditions.ts'
import { prefixEnd } from './key-order.ts'
import { sqliteFacts } from './sqlite-errors.ts'
import { offsetBits } from './sqlite-schema.ts'

const live = '(expires is null or expires > ?)'

interface OpenLog {
  readonly id: number
  last: number
}

/** What a transaction has handed out so far; written back in its end. */
interface State {
  sequence: number
  readonly logs: Map<string, OpenLog>
}

/** Reads on one connection. Synchronous; the caller gives the time, in milliseconds since 1970. */
export class SqliteReader {
  readonly #get: StatementSync
  readonly #list: StatementSync
  readonly #listToEnd: StatementSync
  readonly #read: StatementSync

  constructor(database: DatabaseSync) {
    const columns = 'select key, value, version from entries where'
    this.#get = database.prepare(`${columns} key = ? and ${live}`)
    this.#list = database.prepare(`${columns} key >= ? and key > ? and key < ? and ${live} order by key limit ?`)
    this.#listToEnd = database.prepare(`${columns} key >= ? and key > ? and ${live} order by key limit ?`)
    this.#read = database.prepare(
      `select place & ${2 ** offsetBits - 1} as offset, value from records, logs where name = ?
       and place > (id << ${offsetBits} | max(?, 0)) and place < (id + 1 << ${offsetBits}) order by place limit ?`,
    )
  }

  get(key: string, now: number): StoredEntry | undefined {
    const row = this.#get.get(key, now)
    return row === undefined ? undefined : entryOf(row)
  }

  list(prefix: string, after: string, limit: number, now: number): StoredEntry[] {
    const end = prefixEnd(prefix)
    const rows =
      end === undefined
        ? this.#listToEnd.all(prefix, after, now, limit)
        : this.#list.all(prefix, after, end, now, limit)
    return rows.map(entryOf)
  }

  read(log: string, after: number, limit: number): LogRecord[] {
    const rows = this.#read.all(log, Math.min(after, 2 ** offsetBits - 1), limit)
    return rows.map((row) => ({ offset: row.offset as number, value: row.value as string }))
  }
}

/**
 * Changes on one connection. Synchronous; what it throws is a Fault.
 */
export class SqliteWriter {
  readonly #database: DatabaseSync
  readonly #statements: ReturnType<typeof prepareWrites>

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#statements = prepareWrites(database)
  }

  /** One transaction for all groups. */
  write(groups: readonly WriteGroup[], now: number): WriteResult[] {
    return this.#transaction(() => {
      const { sequence, setSequence, setLast } = this.#statements
      const before = sequence.get()?.value as number
      const state = { sequence: before, logs: new Map<string, OpenLog>() }
      const results = groups.map((group) => this.#result(group, now, state))
      for (const log of state.logs.values()) setLast.run(log.last, log.id)
      if (state.sequence !== before) {
        setSequence.run(state.sequence)
        // At least as many as were added, so that the expired cannot pile up.
        this.#statements.sweep.run(now, 8 + 2 * (state.sequence - before))
      }
      return results
    })
  }

  /** Removes at most `limit` records, so that a long trim lets other writes through; false when more are left. */
  trim(log: string, upTo: number, limit: number): boolean {
    const { changes } = this.#transaction(() => this.#statements.trim.run(log, Math.max(upTo, 0), limit))
    return Number(changes) < limit
  }

  #transaction<T>(work: () => T): T {
    let sent: Sent = 'none'
    try {
      this.#statements.begin.run()
      const result = work()
      // A COMMIT that failed may have reached the disk, and count after a restart.
      sent = 'maybe'
      this.#statements.commit.run()
      return result
    } catch (error) {
      // SQLite itself rolls back on some failures, a full disk among them.
      if (this.#database.isTransaction) this.#statements.rollback.run()
      throw new Fault(sqliteFacts(error, sent))
    }
  }

  #result(group: WriteGroup, now: number, state: State): WriteResult {
    const [first] = group
    if (first?.kind === 'put' && first.ifVersion === 'absent' && group.every(isUnconditionalAfterFirst)) {
      // The commonest group of all, a dedupe: the insert itself tells whether the key was there, without a look before.
      const version = state.sequence + 1
      const { changes } = this.#statements.insert.run(first.key, first.value, version, expiryOf(first, now), now)
      if (changes === 0) return { applied: false, conflict: 0 }
      state.sequence = version
      return { applied: true, versions: [String(version), ...this.#apply(group.slice(1), now, state)] }
    }
    const conflict = firstConflict(group, (key) => this.#versionOf(key, now))
    return conflict < 0 ? { applied: true, versions: this.#apply(group, now, state) } : { applied: false, conflict }
  }

  #versionOf(key: string, now: number): Version | undefined {
    const row = this.#statements.version.get(key, now)
    return row === undefined ? undefined : String(row.version)
  }

  #apply(group: WriteGroup, now: number, state: State): Version[] {
    return group.map((change) => {
      if (change.kind === 'append') {
        const log = this.#open(change.log, state.logs)
        this.#statements.append.run(log.id, ++log.last, change.value)
        return String(log.last)
      }
      if (change.kind === 'delete') {
        this.#statements.delete.run(change.key)
        return ''
      }
      this.#statements.put.run(change.key, change.value, ++state.sequence, expiryOf(change, now))
      return String(state.sequence)
    })
  }

  #open(name: string, open: Map<string, OpenLog>): OpenLog {
    const known = open.get(name)
    if (known !== undefined) return known
    const row = this.#statements.openLog.get(name) as { id: number; last: number }
    const log = { id: row.id, last: row.last }
    open.set(name, log)
    return log
  }
}

function isUnconditionalAfterFirst(change: Write, index: number): boolean {
  return index === 0 || change.kind === 'append' || change.ifVersion === undefined
}

function expiryOf({ ttlMs }: { readonly ttlMs?: number | undefined }, now: number): number | null {
  return ttlMs === undefined ? null : now + Math.ceil(ttlMs)
}

function entryOf(row: Record<string, unknown>): StoredEntry {
  return { key: row.key as string, value: row.value as string, version: String(row.version) }
}

function prepareWrites(database: DatabaseSync) {
  return {
    begin: database.prepare('begin immediate'),
    commit: database.prepare('commit'),
    rollback: database.prepare('rollback'),
    sequence: database.prepare("select value from meta where name = 'sequence'"),
    setSequence: database.prepare("update meta set value = ? where name = 'sequence'"),
    version: database.prepare(`select version from entries where key = ? and ${live}`),
    put: database.prepare(
      `insert into entries (key, value, version, expires) values (?, ?, ?, ?) on conflict (key)
       do update set value = excluded.value, version = excluded.version, expires = excluded.expires`,
    ),
    insert: database.prepare(
      `insert into entries (key, value, version, expires) values (?, ?, ?, ?) on conflict (key)
       do update set value = excluded.value, version = excluded.version, expires = excluded.expires
       where expires <= ?`,
    ),
    delete: database.prepare('delete from entries where key = ?'),
    openLog: database.prepare(
      'insert into logs (name, last) values (?, 0) on conflict (name) do update set last = last returning id, last',
    ),
    setLast: database.prepare('update logs set last = ? where id = ?'),
    append: database.prepare(`insert into records (place, value) values (? << ${offsetBits} | ?, ?)`),
    trim: database.prepare(
      `delete from records where place in (select place from records, logs where name = ?
       and place > (id << ${offsetBits}) and place <= (id << ${offsetBits} | min(?, ${2 ** offsetBits - 1}))
       order by place limit ?)`,
    ),
    sweep: database.prepare('delete from entries where key in (select key from entries where expires <= ? limit ?)'),
  }
}
