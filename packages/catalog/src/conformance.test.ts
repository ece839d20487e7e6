import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readManifest } from '@patchbay/api/manifest'
import { simulatedFaults, testIntegration } from '@patchbay/api/simulator'
import { expect, test } from 'vitest'

const folder = new URL('../integrations/', import.meta.url).pathname
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'))

test('there are integrations and twelve faults', () => {
  expect(files.length).toBeGreaterThanOrEqual(30)
  expect(simulatedFaults).toHaveLength(12)
})

test.each(files.map((file) => [basename(file, '.yaml'), file]))(
  '%s holds against its simulated vendor',
  { timeout: 60_000 },
  async (_, file) => {
    const { manifest } = readManifest(readFileSync(join(folder, file), 'utf8'))
    if (manifest === undefined) throw new Error(`${file} is no manifest`)
    const { failed, results } = await testIntegration(manifest)
    expect(failed.map(({ check, message }) => `${check}: ${message}`)).toEqual([])
    // A fault that cannot happen to a single read of a product would be a sign that nothing is tested.
    const applied = new Set(results.filter(({ outcome }) => outcome === 'passed').map(({ fault }) => fault))
    expect(applied.size).toBeGreaterThanOrEqual(7)
  },
)
