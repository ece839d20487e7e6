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

/** One record of a log. Offsets rise by at least one per record and are never used twice, even after a trim. */
export interface LogRecord {
  readonly offset: number
  readonly value: string
}

/** One change. `ifVersion: 'absent'` demands that the key does not exist (an expired key does not). */
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

/** A group of changes that happens whole or not at all. */
export type WriteGroup = readonly Write[]

/** `applied` with, per change, the new version (put), the offset as a string (append) or an empty string (delete); or the index of the first condition that failed. */
export type WriteResult =
  | { readonly applied: true; readonly versions: readonly Version[] }
  | { readonly applied: false; readonly conflict: number }

/**
 * Durable state: key-value with compare-and-set and TTL, and append logs. Keys and log names are 1 to 512 bytes of UTF-8 without NUL.
 * When a write's promise resolves, the change survives a crash of the process (and of the machine, for engines that fsync).
 * All failures are PatchbayErrors; a conflict is a result and not an error.
 */
export interface Store {
  get(key: string): Promise<StoredEntry | undefined>
  /**
   * Applies each group atomically, in order; a group whose condition fails is left out and the others still apply. All groups of one
   * call become durable together (group commit), so many small groups in one call are cheap.
   */
  write(groups: readonly WriteGroup[]): Promise<readonly WriteResult[]>
  /** Entries whose key starts with `prefix`, in the order of their UTF-8 bytes, after `after` when given. `limit` at most 1000, default 100. */
  list(prefix: string, options?: { readonly after?: string; readonly limit?: number }): Promise<readonly StoredEntry[]>
  /** Records with an offset above `after`, in order. `limit` at most 1000, default 100. */
  read(log: string, after: number, limit?: number): Promise<readonly LogRecord[]>
  /** Forgets records up to and including `upTo`. */
  trim(log: string, upTo: number): Promise<void>
  close(): Promise<void>
}

export function compareVersions(a: Version, b: Version): number {
  return a.length === b.length ? (a < b ? -1 : a > b ? 1 : 0) : a.length - b.length
}
