import { describe, expect, test } from 'vitest'
import { connectorChecks } from './connector-checks.ts'
import { brokenConnectors, goodConnector, subjectOf } from './fixtures/broken-connectors.ts'
import { runChecks } from './run-checks.ts'

const failedOn = async (connector: typeof goodConnector): Promise<readonly string[]> => {
  const results = await runChecks(connectorChecks, { open: () => subjectOf(connector) })
  return results.flatMap((result) => (result.outcome === 'failed' ? [result.check] : []))
}

describe('the checks of connectors', () => {
  test('all hold for a good connector', async () => {
    const results = await runChecks(connectorChecks, { open: () => subjectOf(goodConnector) })
    expect(results).toEqual(connectorChecks.map(({ name }) => ({ check: name, outcome: 'passed' })))
  })

  test('have a broken connector each', () => {
    expect(connectorChecks.map(({ name }) => name)).toEqual(Object.keys(brokenConnectors))
  })

  test.each(Object.entries(brokenConnectors))('%s: fails on a connector that is broken there', async (name, broken) => {
    expect(await failedOn(broken.connector)).toEqual(
      connectorChecks.map((check) => check.name).filter((one) => one === name || broken.alsoFails?.includes(one)),
    )
  })
})

describe('runChecks', () => {
  const check = (name: string, fails: boolean, needs: readonly string[] = []) => ({
    name,
    effect: 'read' as const,
    needs,
    run: async () => {
      if (fails) throw new Error('no')
    },
  })
  const open = () => ({})

  test('skips with a reason what the subject cannot do, and what has another effect', async () => {
    const write = { ...check('writes', true), effect: 'write' as const }
    const results = await runChecks([check('a', true, ['x']), write], { open, abilities: [], effects: ['read'] })
    expect(results).toEqual([
      { check: 'a', outcome: 'skipped', reason: 'needs x' },
      { check: 'writes', outcome: 'skipped', reason: 'its effect is write' },
    ])
  })

  test('takes a known gap for skipped, and fails a stale or unknown skip', async () => {
    const skips = { gap: 'the vendor has none', stale: 'was broken', unknown: 'gone' }
    const results = await runChecks([check('gap', true), check('stale', false)], { open, skips })
    expect(results.map(({ check: name, outcome }) => [name, outcome])).toEqual([
      ['unknown', 'failed'],
      ['gap', 'skipped'],
      ['stale', 'failed'],
    ])
  })
})
