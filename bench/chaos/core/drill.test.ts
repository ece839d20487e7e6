import { existsSync, rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { drill, sabotages } from './drill.ts'

/** The processes that are killed run the sources, as every test does. */
const nodeOptions = ['--conditions=@patchbay/source']

/** For each guarantee that can be broken on purpose: the rows that must miss their goals. */
const consequences = {
  'tokens/no-write-ahead': ['tokens: spent tokens used again', 'tokens: dead'],
  'tokens/no-lease': ['tokens: dead'],
  'inbox/answer-first': ['inbox: acknowledged and lost'],
  'inbox/effects-apart': ['inbox: effects duplicated'],
  'inbox/no-dedupe': ['inbox: effects duplicated'],
  'outbox/publish-early': ['outbox: published and lost'],
  'outbox/fresh-ids': ['outbox: effects duplicated'],
  'streams/cursor-first': ['streams: records lost'],
  'streams/effects-apart': ['streams: records duplicated'],
} as const

describe('a drill', { timeout: 240_000 }, () => {
  test.each(Object.entries(consequences))('finds %s', async (sabotage, expected) => {
    const told: string[] = []
    const log = (text: string): void => void told.push(text)
    const rows = await drill({ seed: 1, rounds: 20, killsPerRound: 2, sabotage, untilFinding: true, nodeOptions, log })
    const missed = rows.filter(({ ok }) => !ok).map(({ name }) => name)
    expect(missed).toEqual(expect.arrayContaining([...expected]))
    // What is needed to look into it: the seed, the points, and the files as they lie.
    const text = told.join('\n')
    expect(text).toMatch(/seed 1, \w+, round \d+:/)
    expect(text).toMatch(/life \d+ ended (?:before|during|after) (?:write|request) \d+/)
    const folder = /the files are in (.+)$/m.exec(text)?.[1] ?? ''
    expect(existsSync(folder)).toBe(true)
    rmSync(folder, { recursive: true })
  })

  test('is tried with every sabotage there is', () => {
    expect(Object.keys(consequences)).toEqual(sabotages)
  })

  test('refuses a sabotage that it does not know', async () => {
    await expect(drill({ seed: 1, rounds: 1, sabotage: 'inbox/rain', log: () => undefined })).rejects.toThrow(
      'there are: tokens/no-write-ahead',
    )
  })
})
