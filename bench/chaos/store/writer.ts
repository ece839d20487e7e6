// node writer.ts <file> <name> <acknowledged>: writes groups as fast as it may, and the id of each one that the store acknowledged into
// another file, until it is killed. Prints a line at the first.
import { openSync, writeSync } from 'node:fs'
import { sqliteStore } from '@patchbay/core/stores/sqlite'
import { groupOf } from './groups.ts'

const [file = '', name = '', acknowledged = ''] = process.argv.slice(2)
const acknowledgements = openSync(acknowledged, 'a')
const store = sqliteStore({ file })
let next = 0
let started = false

async function writer(): Promise<never> {
  for (;;) {
    const id = `${name}/${next++}`
    const [result] = await store.write([groupOf(id)])
    if (result?.applied !== true) throw new Error(`${id} was not applied`)
    // Synchronous: what was written here outlives the kill.
    writeSync(acknowledgements, `${id}\n`)
    if (!started) console.log('started')
    started = true
  }
}

await Promise.all(Array.from({ length: 20 }, writer))
