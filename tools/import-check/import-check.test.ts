import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Outcome } from './one-document.ts'
import { summary } from './summary.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchbay-import-check-'))
  const paths = {
    '/things': {
      get: {
        responses: {
          200: { content: { 'application/json': { schema: { type: 'array', items: { type: 'string' } } } } },
        },
      },
    },
  }
  writeFileSync(
    join(folder, 'good.json'),
    JSON.stringify({
      openapi: '3.0.0',
      info: { title: 'Good', version: '1' },
      servers: [{ url: 'https://good.example' }],
      paths,
    }),
  )
  writeFileSync(join(folder, 'empty.yaml'), 'openapi: 3.1.0\ninfo: { title: Empty, version: 1 }\npaths: {}\n')
  writeFileSync(
    join(folder, 'simulation.mjs'),
    'export const simulate = async (manifest) => (manifest.operations["thing.list"] ? undefined : "no list")',
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

function run(...more: string[]): { status: number | null; stdout: string; outcomes: Outcome[] } {
  const json = join(folder, 'outcomes.txt')
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'run.ts'), '--documents', folder, '--json', json, ...more],
    { encoding: 'utf8' },
  )
  return { status, stdout, outcomes: JSON.parse(readFileSync(json, 'utf8')) as Outcome[] }
}

test('counts, reasons and documents are told, and the share decides the status', () => {
  const { status, stdout, outcomes } = run()
  expect(stdout).toContain('1 of 2 documents gave a valid manifest (50.00 %)')
  expect(stdout).toMatch(/1 × .*has no operations[\s\S]*empty\.yaml/)
  expect(stdout).toMatch(/peak memory: \d+ MB/)
  expect(status).toBe(1)
  expect(outcomes.map(({ document, written }) => [document, written])).toEqual([
    ['empty.yaml', 0],
    ['good.json', 1],
  ])
  expect(run('--only', 'good').status).toBe(0)
})

test('a simulation runs behind each import', () => {
  const { stdout } = run('--only', 'good', '--simulate', join(folder, 'simulation.mjs'))
  expect(stdout).toContain('1 of 1 first reads ran against their simulators')
})

test('equal reasons stand together whatever names and numbers they hold', () => {
  const failed = (document: string, failure: string): Outcome => ({
    document,
    failure,
    bytes: 1,
    ms: 1,
    described: 1,
    written: 0,
    guesses: 0,
  })
  const { text, percent } = summary([failed('a', 'rule: "x" has 3'), failed('b', 'rule: "y" has 44')], [])
  expect(text).toContain('2 × rule: "x" has 3')
  expect(percent).toBe(0)
})
