import { expect, test } from 'vitest'
import { exitStatus, runCli } from '../index.ts'
import { seedOf } from './test.ts'

const folder = new URL('../../../api/src/manifest/fixtures/', import.meta.url).pathname

async function run(...args: string[]) {
  const texts = { out: '', error: '' }
  const status = await runCli(args, {
    out: (text) => {
      texts.out += text
    },
    error: (text) => {
      texts.error += text
    },
    colours: false,
    folder,
  })
  return { status, ...texts }
}

test('prints integrations by faults', async () => {
  const { status, out, error } = await run('test', 'acme-desk.yaml', '--faults', 'page-shift,slow')
  expect({ status, error }).toEqual({ status: exitStatus.good, error: '' })
  expect(out).toMatch(/^integration +no fault +page-shift +slow +ms\nacme-desk +\d+ +2 +2 +\d+\n/)
  expect(out).toMatch(/1 integration x 2 faults: (\d+) of \1 checks hold/)
})

test('a seed is a whole number', () => {
  expect([seedOf(undefined), seedOf('7')]).toEqual([1, 7])
})

test('gives data', async () => {
  const { out } = await run('test', 'acme-desk.yaml', '--faults', 'slow', '--json')
  expect(JSON.parse(out)).toMatchObject([{ id: 'acme-desk', failed: [] }])
})

test.each([
  [['test'], 'name at least one manifest'],
  [['test', 'acme-desk.yaml', '--faults', 'meteor'], 'there is no fault meteor'],
  [['test', 'acme-desk.yaml', '--seed', 'x'], '--seed must be a whole number'],
  [['simulate', 'acme-desk.yaml', '--credential', 'none'], 'has no credential none'],
  [['simulate', 'acme-desk.yaml', '--port', '70000'], '--port must be'],
])('refuses %j', async (args, message) => {
  const { status, error } = await run(...args)
  expect(status).toBe(exitStatus.usage)
  expect(error).toContain(message)
})
