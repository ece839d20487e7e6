import { Fault } from '../errors.ts'
import type { PostgresClient } from './postgres-driver.ts'

/** Kept in the table `store_meta`; a higher number was written by a newer Patchbay. */
const schemaVersion = 1

/** Keys sort by their bytes; the log's row is what its writers queue on. */
function tablesIn(schema: string): string {
  return `
    CREATE SCHEMA IF NOT EXISTS ${schema};
    CREATE SEQUENCE ${schema}.store_versions;
    CREATE TABLE ${schema}.store_entries
      (key text COLLATE "C" PRIMARY KEY, value text NOT NULL, version bigint NOT NULL, expires timestamptz);
    CREATE INDEX ON ${schema}.store_entries (expires) WHERE expires IS NOT NULL;
    CREATE TABLE ${schema}.store_logs
      (name text COLLATE "C" PRIMARY KEY, id bigint GENERATED ALWAYS AS IDENTITY UNIQUE, last bigint NOT NULL);
    CREATE TABLE ${schema}.store_records (log bigint, place bigint, value text NOT NULL, PRIMARY KEY (log, place));
    CREATE TABLE ${schema}.store_meta (name text PRIMARY KEY, value bigint NOT NULL);
    INSERT INTO ${schema}.store_meta VALUES ('schema', ${schemaVersion});
  `
}

/**
 * Makes what is missing, in a transaction that the caller began.
 * @param schema quoted
 * @throws Fault `config` for a database that is not in UTF-8, and for tables of a newer version
 */
export async function prepareSchema(client: PostgresClient, schema: string): Promise<void> {
  const { rows: settings } = await client.query(`SELECT current_setting('server_encoding') AS encoding`)
  const encoding = settings[0]?.encoding
  if (encoding !== 'UTF8') throw refused(`the database has encoding ${encoding}: the store needs one in UTF8`)
  if (!(await isThere(client, schema))) {
    // IF NOT EXISTS does not see what another process is just making: one at a time.
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('patchbay store schema'))`)
    if (!(await isThere(client, schema))) await client.query(tablesIn(schema))
  }
  const { rows } = await client.query(`SELECT value FROM ${schema}.store_meta WHERE name = 'schema'`)
  const version = Number(rows[0]?.value)
  if (version === schemaVersion) return
  throw refused(
    `the tables have store schema ${version} and this version of @patchbay/core knows ${schemaVersion}: update @patchbay/core`,
  )
}

/** Reads the catalog itself: to_regclass answers from a cache that a wait for a lock does not refresh. */
async function isThere(client: PostgresClient, schema: string): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'store_meta'`,
    [schema.replaceAll('"', '')],
  )
  return rows.length > 0
}

function refused(message: string): Fault {
  return new Fault({ kind: 'config', code: 'store-schema', sent: 'none', message })
}
