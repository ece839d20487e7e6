import { simulatedFaults, testIntegration } from '@patchbay/api/simulator'
import { expect, test } from 'vitest'
import { listIntegrations, loadIntegration } from './index.ts'

const ids = listIntegrations().map(({ id }) => id)

test('there are integrations and twelve faults', () => {
  expect(ids.length).toBeGreaterThanOrEqual(30)
  expect(simulatedFaults).toHaveLength(12)
})

test.each(ids)('%s holds against its simulated vendor', { timeout: 60_000 }, async (id) => {
  const { declared } = await loadIntegration(id)
  const { failed, results } = await testIntegration(declared)
  expect(failed.map(({ check, message }) => `${check}: ${message}`)).toEqual([])
  // Fewer would be a sign that nothing is tested.
  const applied = new Set(results.filter(({ outcome }) => outcome === 'passed').map(({ fault }) => fault))
  expect(applied.size).toBeGreaterThanOrEqual(7)
})
