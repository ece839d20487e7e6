import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manifestOf, readDescription } from '@patchbay/api/discovery'
import { writeManifest } from '@patchbay/api/manifest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exitStatus, runCli } from './index.ts'

const description = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Lamps', version: '1' },
  servers: [{ url: 'https://api.lamps.example' }],
  paths: {
    '/lamps/{id}': {
      get: {
        operationId: 'getLamp',
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
          { name: 'house', in: 'query', required: true, schema: { type: 'string' } },
        ],
        responses: {
          200: {
            description: 'ok',
            content: { 'application/json': { schema: { type: 'object', properties: { watts: { type: 'integer' } } } } },
          },
        },
      },
    },
  },
})

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'patchbay-evidence-'))
  mkdirSync(join(folder, 'documents', 'deep'), { recursive: true })
  writeFileSync(join(folder, 'documents', 'deep', 'any name.json'), description)
  writeFileSync(join(folder, 'documents', 'broken.txt'), '{')
  const { manifest } = manifestOf(await readDescription({ text: description }), { id: 'lamps' })
  writeFileSync(join(folder, 'good.yaml'), writeManifest(manifest))
  writeFileSync(join(folder, 'bad.yaml'), writeManifest(manifest).replace('in: query', 'in: header'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function run(...args: string[]): Promise<{ status: number; out: string; error: string }> {
  let [out, error] = ['', '']
  const status = await runCli(args, {
    folder,
    colours: false,
    out: (text) => {
      out += text
    },
    error: (text) => {
      error += text
    },
  })
  return { status, out, error }
}

test('a manifest that agrees with the document is E1', async () => {
  const { status, out, error } = await run('check-evidence', 'good.yaml', '--documents', 'documents')
  expect({ status, error }).toEqual({ status: exitStatus.good, error: '' })
  expect(out).toMatch(/^E1 \S+: GET \/lamps\/\{id\}\nlamps is E1: 1 operations, 0 problems, 0 corrected, \d+ doubts\n$/)
})

test('one that does not is told what is wrong', async () => {
  const { status, error } = await run('check-evidence', 'bad.yaml', '--documents', 'documents')
  expect(status).toBe(exitStatus.found)
  expect(error).toMatch(/problem \S+: query house is never sent; the source requires it\n/)
  const { out } = await run('check-evidence', 'bad.yaml', '--documents', 'documents', '--json')
  expect(JSON.parse(out)).toMatchObject({
    id: 'lamps',
    level: 'E1',
    operations: [{ contradictions: [{ fact: 'parameter' }, { fact: 'parameter' }] }],
  })
})

test('without documents nothing is proven, and no folder is no folder', async () => {
  const { status, out, error } = await run('check-evidence', 'good.yaml')
  expect(status).toBe(exitStatus.found)
  expect(out).toContain('lamps is E4')
  expect(error).toContain('there are no facts of')
  expect(await run('check-evidence', 'good.yaml', '--documents', 'nowhere')).toMatchObject({
    status: exitStatus.unreadable,
  })
})
