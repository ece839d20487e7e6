import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sqliteStore } from '@patchbay/core/stores/sqlite'
import { countGroups } from './groups.ts'

export interface KillReport {
  readonly kills: number
  readonly acknowledged: number
  /** Acknowledged, and not there whole after the kill. */
  readonly lost: readonly string[]
  /** There in part, acknowledged or not. */
  readonly torn: readonly string[]
}

/** Runs one writing process until a moment after its first acknowledgement, kills it with SIGKILL, and gives the ids it acknowledged. */
async function killOne(file: string, name: string, afterMs: number): Promise<string[]> {
  const program = join(import.meta.dirname, 'writer.ts')
  const acknowledged = `${file}.${name}`
  const child = spawn(process.execPath, ['--conditions=@patchbay/source', program, file, name, acknowledged], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), afterMs))
  const [, signal] = (await once(child, 'close')) as [unknown, string | null]
  if (signal !== 'SIGKILL') throw new Error('the writer ended by itself')
  return readFileSync(acknowledged, 'utf8').trimEnd().split('\n')
}

/**
 * Kills writers of one SQLite file at random moments, three at a time so that the next ones open
 * what the last ones left, and looks in the end at all that the file holds.
 * @param random uniform in [0, 1); a seeded one gives the same moments again
 */
export async function killWriters(file: string, kills: number, random: () => number): Promise<KillReport> {
  const acknowledged: string[] = []
  for (let round = 0; round * 3 < kills; round++) {
    const writers = ['a', 'b', 'c'].map((side) => killOne(file, `${round}${side}`, random() * 60))
    acknowledged.push(...(await Promise.all(writers)).flat())
  }
  const store = sqliteStore({ file })
  try {
    const { whole, torn } = await countGroups(store)
    return { kills, acknowledged: acknowledged.length, lost: acknowledged.filter((id) => !whole.has(id)), torn }
  } finally {
    await store.close()
  }
}
