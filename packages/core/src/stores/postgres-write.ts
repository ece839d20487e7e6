import { Fault, type Sent } from '../errors.ts'
import type { Version, WriteGroup, WriteResult } from '../store.ts'
import type { PostgresClient } from './postgres-driver.ts'
import { isStatementError, postgresFacts } from './postgres-errors.ts'
import { encodeText } from './postgres-text.ts'
import { keysOf, planWrites, type WritePlan } from './write-plan.ts'

/**
 * READ COMMITTED, whatever the default: each statement must see what was committed while it waited for its locks. Durable, whatever
 * the default. A process that stops in the middle must not keep its locks for ever, nor wait for ever for those of another.
 */
const begin = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL synchronous_commit = on;
  SET LOCAL lock_timeout = '15s'; SET LOCAL idle_in_transaction_session_timeout = '15s'`

/** Runs `work` in one transaction. What it throws is as the driver gave it, or a Fault when COMMIT itself failed. */
export async function inTransaction<T>(client: PostgresClient, work: () => Promise<T>): Promise<T> {
  let sent: Sent = 'none'
  try {
    await client.query(begin)
    const result = await work()
    sent = 'maybe'
    await client.query('COMMIT')
    return result
  } catch (error) {
    if (isStatementError(error) || error instanceof Fault) await client.query('ROLLBACK')
    if (sent === 'maybe' && !isStatementError(error)) throw new Fault(postgresFacts(error, sent))
    throw error
  }
}

/**
 * One transaction for all groups. It locks in one order, the same in every process: first the keys, then the logs, each sorted. So two
 * transactions never wait for each other in a circle. A log's row stays locked until the commit, so that its records become visible in
 * the order of their offsets; a sequence would not give that.
 */
export async function writeGroups(
  client: PostgresClient,
  schema: string,
  groups: readonly WriteGroup[],
): Promise<WriteResult[]> {
  const keys = keysOf(groups)
  if (keys.length > 0) await lockKeys(client, schema, keys)
  const { found, versions } = await look(client, schema, keys, groups)
  const plan = planWrites(groups, found, versions)
  const firstOffsets = await append(client, schema, plan)
  await put(client, schema, plan)
  const gone = keys.filter((key) => (plan.entries.has(key) ? plan.entries.get(key) === undefined : !found.has(key)))
  if (gone.length > 0) await client.query(`DELETE FROM ${schema}.store_entries WHERE key = ANY ($1)`, [gone])
  return plan.results(firstOffsets)
}

/** A row lock on each key; a key without a row gets one of version 0, which is gone again before the commit. */
async function lockKeys(client: PostgresClient, schema: string, keys: readonly string[]): Promise<void> {
  await client.query(
    `INSERT INTO ${schema}.store_entries AS entry (key, value, version)
     SELECT key, '', 0 FROM unnest($1::text[]) WITH ORDINALITY AS given (key, at) ORDER BY at
     ON CONFLICT (key) DO UPDATE SET version = 0 WHERE false`,
    [keys],
  )
}

/** The live ones among the locked keys, and a new version per put: taken under the locks, so that they rise per key. */
async function look(client: PostgresClient, schema: string, keys: readonly string[], groups: readonly WriteGroup[]) {
  const found = new Map<string, Version>()
  const versions: Version[] = []
  if (keys.length === 0) return { found, versions }
  let puts = 0
  for (const group of groups) for (const { kind } of group) if (kind === 'put') puts += 1
  const { rows } = await client.query(
    `SELECT key, version::text FROM ${schema}.store_entries
     WHERE key = ANY ($1) AND version > 0 AND (expires IS NULL OR expires > clock_timestamp())
     UNION ALL SELECT NULL, nextval('${schema}.store_versions')::text FROM generate_series(1, $2)`,
    [keys, puts],
  )
  for (const { key, version } of rows) {
    if (key === null) versions.push(version as Version)
    else found.set(key as string, version as Version)
  }
  return { found, versions }
}

async function append(client: PostgresClient, schema: string, { logs }: WritePlan): Promise<Map<string, number>> {
  const firstOffsets = new Map<string, number>()
  if (logs.size === 0) return firstOffsets
  const names = [...logs.keys()].sort()
  const { rows } = await client.query(
    `INSERT INTO ${schema}.store_logs AS log (name, last)
     SELECT name, count FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS given (name, count, at) ORDER BY at
     ON CONFLICT (name) DO UPDATE SET last = log.last + excluded.last RETURNING name, id, last`,
    [names, names.map((name) => logs.get(name)?.length)],
  )
  const records: { readonly ids: unknown[]; readonly places: number[]; readonly values: string[] } = {
    ids: [],
    places: [],
    values: [],
  }
  for (const { name, id, last } of rows) {
    const values = logs.get(name as string) ?? []
    const first = Number(last) - values.length + 1
    firstOffsets.set(name as string, first)
    for (const [index, value] of values.entries()) {
      records.ids.push(id)
      records.places.push(first + index)
      records.values.push(encodeText(value))
    }
  }
  await client.query(
    `INSERT INTO ${schema}.store_records (log, place, value) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[])`,
    [records.ids, records.places, records.values],
  )
  return firstOffsets
}

async function put(client: PostgresClient, schema: string, { entries }: WritePlan): Promise<void> {
  const puts = [...entries].flatMap(([key, entry]) => (entry === undefined ? [] : [{ key, ...entry }]))
  if (puts.length === 0) return
  await client.query(
    `UPDATE ${schema}.store_entries AS entry SET value = given.value, version = given.version,
       expires = clock_timestamp() + given.ttl * interval '1 millisecond'
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::float8[]) AS given (key, value, version, ttl)
     WHERE entry.key = given.key`,
    [
      puts.map(({ key }) => key),
      puts.map(({ value }) => encodeText(value)),
      puts.map(({ version }) => version),
      puts.map(({ ttlMs }) => (ttlMs === undefined ? null : Math.ceil(ttlMs))),
    ],
  )
}
