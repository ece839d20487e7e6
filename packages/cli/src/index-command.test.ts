import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exitStatus, runCli } from './index.ts'

const integrations = new URL('../../catalog/integrations/it-operations/', import.meta.url).pathname
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'index-'))
  mkdirSync(join(folder, 'own'))
  for (const file of ['pagerduty.yaml', 'alertmanager.yaml'])
    cpSync(join(integrations, file), join(folder, 'own', file))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function run(...args: string[]) {
  const told = { out: '', error: '' }
  const status = await runCli(['index', ...args], {
    out: (text) => {
      told.out += text
    },
    error: (text) => {
      told.error += text
    },
    colours: false,
    folder,
  })
  return { status, ...told }
}

const build = (number: string, ...more: string[]) =>
  run('build', 'own', '-o', 'bundle', '--name', 'acme.example/all', '--number', number, ...more)
const at = (file: string): string => join(folder, file)

async function signedBundle(): Promise<string> {
  const { out } = await run('key', 'acme.example/2026', '-o', 'secret.pem')
  expect((await build('3')).status).toBe(exitStatus.good)
  expect(await run('sign', 'bundle', '--private-key', 'secret.pem', '--name', 'acme.example/2026')).toMatchObject({
    status: 0,
    out,
  })
  return out.trim()
}

test('a bundle is built, signed and verified', async () => {
  const key = await signedBundle()
  expect(key).toMatch(/^acme\.example\/2026\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/)
  expect(await run('verify', 'bundle', '--key', key, '--name', 'acme.example/all', '--seen', '3')).toEqual({
    status: 0,
    out: 'index 3 of acme.example/all, signed by acme.example/2026: 2 of 2 manifests are good\n',
    error: '',
  })
  const first = readFileSync(at('bundle/index.json'))
  const note = readFileSync(at('bundle/index.json.note'))
  await build('3')
  expect(readFileSync(at('bundle/index.json'))).toEqual(first)
  expect(readFileSync(at('bundle/index.json.note')), 'still fits').toEqual(note)
  await build('4')
  expect(await run('verify', 'bundle', '--key', key), 'the old signature is gone').toMatchObject({
    status: exitStatus.unreadable,
  })
})

test('the private key is for its owner alone, and is not printed', async () => {
  const key = await run('key', 'acme.example/2026', '-o', 'secret.pem')
  if (process.platform !== 'win32') expect(statSync(at('secret.pem')).mode & 0o777).toBe(0o600)
  const pem = readFileSync(at('secret.pem'), 'utf8')
  expect(await run('key', 'acme.example/2027', '-o', 'secret.pem')).toMatchObject({ status: exitStatus.unreadable })
  expect(readFileSync(at('secret.pem'), 'utf8'), 'not overwritten').toBe(pem)
  await build('1')
  const signed = await run('sign', 'bundle', '--private-key', 'secret.pem', '--name', 'acme.example/2026')
  const wrong = await run('sign', 'bundle', '--private-key', 'secret.pem', '--name', 'a name')
  writeFileSync(at('bad.pem'), pem.replace('MC4', 'MC5'))
  const bad = await run('sign', 'bundle', '--private-key', 'bad.pem', '--name', 'acme.example/2026')
  expect([signed.status, wrong.status, bad.status]).toEqual([exitStatus.good, exitStatus.found, exitStatus.found])
  const secret = pem.split('\n')[1] as string
  for (const { out, error } of [key, signed, wrong, bad]) expect(out + error).not.toContain(secret.slice(4, 40))
})

test('an altered file is told by its name', async () => {
  const key = await signedBundle()
  const file = at('bundle/manifests/pagerduty.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace('PagerDuty', 'PagerDutz'))
  writeFileSync(at('bundle/manifests/more.json'), '{}')
  const { status, out, error } = await run('verify', 'bundle', '--key', key)
  expect(status).toBe(exitStatus.found)
  expect(out).toContain('1 of 2 manifests are good')
  expect(error).toContain('bundle-altered manifests/pagerduty.json was altered')
  expect(error).toContain('warning manifests/more.json is not in the index')
  expect(JSON.parse((await run('verify', 'bundle', '--key', key, '--json')).out)).toMatchObject({
    number: 3,
    problems: [{ file: 'manifests/pagerduty.json', code: 'bundle-altered' }],
    others: ['manifests/more.json'],
  })
  writeFileSync(at('bundle/index.json'), `${readFileSync(at('bundle/index.json'), 'utf8')} `)
  expect((await run('verify', 'bundle', '--key', key)).error).toContain('index.json was altered')
})

test('evidence and revocations go into the index', async () => {
  writeFileSync(at('levels.json'), '{"pagerduty":"E1"}')
  writeFileSync(at('revoked.json'), '[{"id":"old-desk","reason":"Its vendor is gone."}]')
  expect((await build('1', '--evidence', 'levels.json', '--revoked', 'revoked.json')).status).toBe(0)
  const index = JSON.parse(readFileSync(at('bundle/index.json'), 'utf8'))
  expect(index.integrations.map(({ evidence }: { evidence?: string }) => evidence)).toEqual([undefined, 'E1'])
  expect(index.revoked).toEqual([{ id: 'old-desk', reason: 'Its vendor is gone.' }])
  writeFileSync(at('levels.json'), '{"pagerduty":"best"}')
  expect(await build('1', '--evidence', 'levels.json')).toMatchObject({ status: exitStatus.found })
})

test('nothing is written when a manifest is not valid', async () => {
  const file = at('own/pagerduty.yaml')
  writeFileSync(file, readFileSync(file, 'utf8').replace('effect: read', 'effect: red'))
  const { status, error } = await build('1')
  expect(status).toBe(exitStatus.found)
  expect(error).toMatch(/^own\/pagerduty\.yaml:\d+:\d+ wrong-value/)
  expect(statSync(at('bundle'), { throwIfNoEntry: false })).toBeUndefined()
})

test.each([
  [['frobnicate'], exitStatus.usage, 'index build|sign|verify|key'],
  [['build'], exitStatus.usage, 'name manifests'],
  [['build', 'own', '-o', 'x', '--name', 'a'], exitStatus.usage, '--number'],
  [['build', 'own', '-o', 'x', '--name', 'a', '--number', '0'], exitStatus.usage, '--number'],
  [['build', 'nowhere', '-o', 'x', '--name', 'a', '--number', '1'], exitStatus.unreadable, 'nowhere'],
  [['sign', 'nowhere', '--name', 'a', '--private-key', 'b'], exitStatus.unreadable, 'b: there is no such file'],
  [['verify', 'nowhere'], exitStatus.usage, '--key'],
  [['verify', 'nowhere', '--key', 'x'], exitStatus.unreadable, 'index.json.note'],
  [['key', 'acme.example'], exitStatus.usage, '--output'],
  [['key', 'a b', '-o', 'key.pem'], exitStatus.found, 'no blanks'],
] as const)('%j ends with %i', async (args, status, message) => {
  const ended = await run(...args)
  expect(ended.status).toBe(status)
  expect(ended.error).toContain(message)
  expect(ended.error).not.toContain('    at ')
})
