/**
 * A stored value's version: an opaque string that is new at every write of the store. Versions of one store compare by
 * {@link compareVersions} in the order of their writes, also after a delete, so a version can serve as a fencing token.
 */
export type Version = string

export interface StoredEntry {
  readonly key: string
  readonly value: string
  readonly version: Version
}

/** One record of a log. Offsets start above 0, rise by at least one per record and are never used twice, even after a trim. */
export interface LogRecord {
  readonly offset: number
  readonly value: string
}

/**
 * One change. `ifVersion: 'absent'` demands that the key does not exist (an expired key does not). A put without `ttlMs` never
 * expires, whatever the entry before it did; `ttlMs` counts on the engine's clock, from 1 to 10^12, fractions are rounded up.
 */
export type Write =
  | {
      readonly kind: 'put'
      readonly key: string
      readonly value: string
      readonly ifVersion?: Version | 'absent' | undefined
      readonly ttlMs?: number | undefined
    }
  | { readonly kind: 'delete'; readonly key: string; readonly ifVersion?: Version | undefined }
  | { readonly kind: 'append'; readonly log: string; readonly value: string }

/** A group of changes that happens whole or not at all. Its conditions see the group's own earlier changes. */
export type WriteGroup = readonly Write[]

/** `applied` with, per change, the new version (put), the offset as a string (append) or an empty string (delete); or the index of the first condition that failed. */
export type WriteResult =
  | { readonly applied: true; readonly versions: readonly Version[] }
  | { readonly applied: false; readonly conflict: number }

/**
 * Durable state: key-value with compare-and-set and TTL, and append logs. Keys and log names are 1 to 512 bytes of UTF-8 without NUL;
 * values are well-formed strings (no lone surrogates) of at most 16 Mi UTF-16 units.
 * When a write's promise resolves, the change survives a crash of the process (and of the machine, for engines that fsync), and every
 * read that starts later sees it. All failures are PatchbayErrors: their `sent` is `none` when nothing was changed, `maybe` when that
 * is not known. A conflict is a result and not an error.
 */
export interface Store {
  get(key: string): Promise<StoredEntry | undefined>
  /**
   * Applies each group atomically, in order; a group whose condition fails is left out and the others still apply. All groups of one
   * call become durable together (group commit), so many small groups in one call are cheap. Calls of one store object apply in the
   * order in which they were made.
   */
  write(groups: readonly WriteGroup[]): Promise<readonly WriteResult[]>
  /** Entries whose key starts with `prefix`, in the order of their UTF-8 bytes, after `after` when given. `limit` at most 1000, default 100. */
  list(prefix: string, options?: { readonly after?: string; readonly limit?: number }): Promise<readonly StoredEntry[]>
  /**
   * Records with an offset above `after`, in order. `limit` at most 1000, default 100. A reader that goes on from the last offset it
   * saw misses nothing: no record appears later below an offset that was readable.
   */
  read(log: string, after: number, limit?: number): Promise<readonly LogRecord[]>
  /** Forgets records up to and including `upTo`. */
  trim(log: string, upTo: number): Promise<void>
  /** Waits for the calls under way. Later calls fail with code `store-closed`. */
  close(): Promise<void>
}

export function compareVersions(a: Version, b: Version): number {
  return a.length === b.length ? (a < b ? -1 : a > b ? 1 : 0) : a.length - b.length
}
