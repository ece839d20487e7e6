import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sha256 } from './cache.ts'
import { indexFolder } from './index-files.ts'

const repository = join(import.meta.dirname, '../..')

/** A command of the repository, on another root when one is given. */
function run(script: string, ...args: string[]): { status: number | null; out: string; error: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@patchbay/source', join(import.meta.dirname, script), ...args],
    { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } },
  )
  return { status, out: stdout, error: stderr }
}

describe('the catalog', () => {
  test('has no contradiction, no old facts, and tables that say so', () => {
    const { status, error } = run('run.ts')
    expect(error).toBe('')
    expect(status).toBe(0)
  }, 60_000)

  test('has an index of at most 1 MB (gzip), without prose', () => {
    const files = globSync('*.json', { cwd: indexFolder(repository) }).sort()
    const texts = files.map((file) => readFileSync(join(indexFolder(repository), file), 'utf8'))
    expect(gzipSync(texts.join(''), { level: 9 }).length).toBeLessThan(1_000_000)
    for (const [index, text] of texts.entries()) {
      const keys = new Set<string>()
      JSON.parse(text, (key, value) => {
        // Names of fields are facts, whatever they are called; only keywords of schemas are looked at.
        if (typeof value === 'object' && value !== null && !Array.isArray(value))
          for (const word of ['description', 'summary', 'title', 'example', 'examples'])
            if (typeof value[word] === 'string') keys.add(`${key}.${word}`)
        return value
      })
      expect([...keys], files[index]).toEqual([])
    }
  })
})

describe('the commands', () => {
  const ref = 'github:lamps/api@abc1234:openapi.json'
  const document = (parameter: object): string =>
    JSON.stringify({
      openapi: '3.0.3',
      info: { title: 'Lamps', version: '1' },
      servers: [{ url: 'https://api.lamps.example' }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
      paths: {
        '/lamps/{id}': {
          get: {
            parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }, parameter],
            responses: { 200: { description: 'ok', content: { 'application/json': { schema: { type: 'object' } } } } },
          },
        },
      },
    })
  const first = document({ name: 'part', in: 'query', schema: { type: 'string' } })
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'patchbay-evidence-'))
    const folder = join(root, 'packages/catalog/integrations/cloud')
    mkdirSync(folder, { recursive: true })
    mkdirSync(join(root, 'docs'))
    mkdirSync(join(root, 'documents'))
    const place = '<!-- catalog: made by pnpm catalog:table -->\n<!-- catalog: end -->\n'
    writeFileSync(join(root, 'docs/catalog.md'), `# Integrations\n\n${place}`)
    writeFileSync(join(root, 'README.md'), place)
    writeFileSync(join(root, 'documents/whatever.json'), first)
    writeFileSync(
      join(folder, 'lamps.yaml'),
      `format: 1
id: lamps
product: Lamps
vendor: { name: Lamps }
category: cloud
subcategory: lamps
summary: Lamps.
links: { documentation: https://lamps.example }
version: 1.0.0
sources: [{ id: rest, kind: openapi, ref: "${ref}", sha256: ${sha256(Buffer.from(first))} }]
deployments: [{ id: cloud, kind: saas, url: https://api.lamps.example, hosts: [api.lamps.example] }]
credentials: [{ id: token, scheme: bearer, help: { link: https://lamps.example } }]
limits: { undocumented: none }
operations:
  lamp.get: { summary: A lamp., request: "GET /lamps/{id}", effect: read, input: { id: { in: path, type: string } }, output: { schema: { type: object } } }
check: { operation: lamp.get, input: { id: "1" } }
`,
    )
  })
  afterEach(() => rmSync(root, { recursive: true }))

  test('an index is made, checked without documents, and told to be old when the manifest moves on', () => {
    const made = run('run.ts', '--root', root, '--update', '--documents', join(root, 'documents'))
    expect(made).toMatchObject({ status: 0, error: '' })
    expect(made.out).toContain('1 sources written')
    expect(run('run.ts', '--root', root, '--update', '--documents', join(root, 'documents')).out).toContain(
      '1 the same',
    )
    const before = run('run.ts', '--root', root)
    expect(before).toMatchObject({ status: 1 })
    expect(before.error).toContain('docs/catalog.md is not what the evidence says')
    expect(run('table-run.ts', '--root', root, '--check').status).toBe(1)
    expect(run('table-run.ts', '--root', root).out).toContain('wrote docs/catalog.md')
    expect(run('table-run.ts', '--root', root, '--check').status).toBe(0)
    expect(readFileSync(join(root, 'docs/catalog.md'), 'utf8')).toContain('| `lamps` | Lamps | cloud | E1 | 1 (E1 1) |')
    expect(run('run.ts', '--root', root)).toMatchObject({
      status: 0,
      out: 'E1 lamps: E1 1\n1 integrations, 0 problems\n',
    })
    const file = join(root, 'packages/catalog/integrations/cloud/lamps.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('GET /lamps/{id}', 'GET /lights/{id}'))
    const after = run('run.ts', '--root', root)
    expect(after).toMatchObject({ status: 1, out: 'E4 lamps: E4 1\n1 integrations, 0 problems\n' })
    expect(after.error).toContain('docs/catalog.md is not what the evidence says')
  }, 60_000)

  test('drift names what a newer document says otherwise, and the manifests that no longer agree', () => {
    run('run.ts', '--root', root, '--update', '--documents', join(root, 'documents'))
    const newer = join(root, 'newer.json')
    cpSync(join(root, 'documents/whatever.json'), newer)
    const same = run('run.ts', '--root', root, '--drift', newer)
    expect(same).toMatchObject({ status: 0 })
    expect(same.out).toContain('0 used operations removed or changed, 0 new ones\n0 manifests no longer agree')
    writeFileSync(newer, document({ name: 'house', in: 'query', required: true, schema: { type: 'string' } }))
    const { status, out } = run('run.ts', '--root', root, '--drift', newer, '--source', 'lamps')
    expect(status).toBe(1)
    expect(out).toContain('changed GET /lamps/{id}: parameters')
    expect(out).toContain('lamps: lamp.get: query house is never sent; the source requires it')
    expect(out).toContain('1 manifests no longer agree')
    expect(run('run.ts', '--root', root, '--drift', newer, '--source', 'nothing').status).toBe(2)
  }, 60_000)
})
