import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { systemClock } from '@patchbay/core'
import { undiciTransport } from '@patchbay/core/http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixture, modelOf, openApi } from './fixtures/fixture.ts'
import { diffModels, manifestOf, readDescription } from './index.ts'

const get = (schema: unknown): object =>
  openApi({ '/a': { get: { responses: { 200: { content: { 'application/json': { schema } } } } } } })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-discovery-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('bombs', () => {
  test('YAML aliases that multiply are refused', async () => {
    const levels = Array.from(
      { length: 9 },
      (_, at) => `l${at + 1}: &l${at + 1} [${Array(9).fill(`*l${at}`).join(', ')}]`,
    )
    const text = `openapi: 3.1.0\nl0: &l0 [lol]\n${levels.join('\n')}\npaths: {}\n`
    await expect(readDescription({ text })).rejects.toMatchObject({ code: 'description-too-many-aliases' })
  })

  test('an alias that leads to itself is refused', async () => {
    await expect(readDescription({ text: 'openapi: 3.1.0\npaths: &a\n  x: *a\n' })).rejects.toMatchObject({
      code: expect.stringMatching(/^description-(too-deep|too-many-aliases|syntax)$/),
    })
  })

  test.each([
    ['JSON', `{"openapi":"3.1.0","x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['YAML', `openapi: 3.1.0\nx: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`],
    ['XML', `${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}`],
  ])('%s of 10,000 levels is refused', async (_, text) => {
    await expect(readDescription({ text })).rejects.toMatchObject({ code: 'description-too-deep' })
  })

  test('brackets inside strings are no depth', async () => {
    const document = openApi({}, {}, { 'x-note': `${'['.repeat(5000)}\\"{{` })
    await expect(modelOf(document)).resolves.toMatchObject({ title: 'Yard' })
  })

  test('too many bytes are refused before they are parsed', async () => {
    const text = `{"openapi":"3.1.0","x":"${'a'.repeat(2000)}"}`
    await expect(readDescription({ text }, { limits: { maxBytes: 1000 } })).rejects.toMatchObject({
      code: 'description-too-large',
    })
    const file = join(folder, 'large.json')
    await writeFile(file, text)
    await expect(readDescription({ file }, { limits: { maxBytes: 1000 } })).rejects.toMatchObject({
      code: 'description-too-large',
    })
  })

  test('entities of XML are not expanded', async () => {
    const text = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><edmx:Edmx xmlns:edmx="x">&b;</edmx:Edmx>'
    await expect(readDescription({ text })).rejects.toMatchObject({ code: 'description-syntax' })
  })

  test('schemas nested 900 deep and rings of references become a manifest', async () => {
    let deep: object = { type: 'string' }
    for (let level = 0; level < 300; level++) deep = { type: 'object', properties: { a: deep } }
    const ring = {
      A: { allOf: [{ $ref: '#/components/schemas/B' }] },
      B: { allOf: [{ $ref: '#/components/schemas/A' }] },
      C: { $ref: '#/components/schemas/C' },
    }
    const document = openApi(
      Object.fromEntries(
        [deep, { $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/C' }].map((schema, at) => [
          `/p${at}`,
          {
            get: { responses: { 200: { content: { 'application/json': { schema } } } } },
            post: { requestBody: { content: { 'application/json': { schema } } } },
          },
        ]),
      ),
      ring,
    )
    const model = await modelOf(document)
    expect(manifestOf(model).report.written).toBe(6)
    expect(diffModels(model, await modelOf(document)).changes).toEqual([])
  })
})

test('lattices and rings of schemas cost what they are large, not what they could be unfolded to', async () => {
  const reference = (name: string): object => ({ $ref: `#/components/schemas/${name}` })
  const lattice = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [`L${at}`, { allOf: [reference(`L${at + 1}`), reference(`L${at + 1}`)] }]),
  )
  const ring = { R: { anyOf: Array.from({ length: 25 }, () => reference('R')) } }
  const unnamed = {
    'x-parts': [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((at) => ({
      type: 'object',
      properties: Object.fromEntries(
        Array.from({ length: 25 }, (_, key) => [`p${key}`, { $ref: `#/x-parts/${at + 1}` }]),
      ),
    })),
  }
  const roots = [reference('L0'), reference('R'), { $ref: '#/x-parts/0' }]
  const paths = Object.fromEntries(
    roots.map((schema, at) => [
      `/p${at}`,
      { get: { responses: { 200: { content: { 'application/json': { schema } } } } } },
    ]),
  )
  const document = openApi(
    paths,
    { ...lattice, L40: { type: 'object', properties: { end: { type: 'string' } } }, ...ring },
    unnamed,
  )
  const started = process.cpuUsage()
  const model = await modelOf(document)
  expect(manifestOf(model).report.written).toBe(3)
  expect(diffModels(model, await modelOf(document)).changes).toEqual([])
  const { user } = process.cpuUsage(started)
  expect(user / 1_000_000).toBeLessThan(3)
})

describe('references to elsewhere', () => {
  test.each([
    'file:///etc/passwd',
    'http://169.254.169.254/latest/meta-data',
    '/etc/passwd',
    '../../../etc/passwd',
    'https://evil.example/x.json#/a',
  ])('%s is not read, and said', async (reference) => {
    for (const location of [undefined, pathToFileURL(join(folder, 'api.json')).href]) {
      const model = await readDescription(
        { text: JSON.stringify(get({ $ref: reference })), location },
        { references: { folder } },
      )
      expect(model.findings).toContainEqual(expect.objectContaining({ code: 'reference-refused' }))
      expect(JSON.stringify(manifestOf(model).manifest)).not.toContain('root:')
    }
  })

  test('files in the given folder are read, links out of it are not', async () => {
    const inside = join(folder, 'inside')
    await mkdir(inside)
    await writeFile(join(folder, 'secret.json'), '{"S":{"type":"object","properties":{"secret":{"type":"string"}}}}')
    await writeFile(
      join(inside, 'parts.yaml'),
      'Pet: { type: object, properties: { name: { type: string }, next: { $ref: "more.json#/More" } } }\n',
    )
    await writeFile(join(inside, 'more.json'), '{"More":{"type":"integer"}}')
    await symlink(join(folder, 'secret.json'), join(inside, 'link.json'))
    const document = openApi({
      '/pet': {
        get: { responses: { 200: { content: { 'application/json': { schema: { $ref: 'parts.yaml#/Pet' } } } } } },
      },
      '/link': {
        get: { responses: { 200: { content: { 'application/json': { schema: { $ref: './link.json#/S' } } } } } },
      },
    })
    const file = join(inside, 'api.json')
    await writeFile(file, JSON.stringify(document))
    const model = await readDescription({ file }, { references: { folder: inside } })
    const text = JSON.stringify(manifestOf(model).manifest)
    expect(text).toContain('"next":{"type":"integer"}')
    expect(text).not.toContain('secret')
    expect(model.findings.filter(({ code }) => code === 'reference-refused')).toHaveLength(1)
  })

  test('a host needs both the list and the address guard', async () => {
    const model = await readDescription(
      { text: JSON.stringify(get({ $ref: 'https://169.254.169.254/x.json' })) },
      { references: { hosts: ['other.example'] } },
    )
    expect(model.findings[0]?.code).toBe('reference-refused')
    await expect(
      readDescription(
        { text: JSON.stringify(get({ $ref: 'https://169.254.169.254/x.json' })) },
        { references: { hosts: ['169.254.169.254'] } },
      ),
    ).rejects.toMatchObject({ message: expect.stringContaining('no public address') })
  })
})

describe('URLs', () => {
  test.each(['http://127.0.0.1:1/api.json', 'http://169.254.169.254/', 'http://[::1]/', 'https://localhost/api.json'])(
    'the guard refuses %s',
    async (url) => {
      await expect(readDescription({ url })).rejects.toMatchObject({ kind: 'invalid-input', code: 'address-refused' })
    },
  )

  test('other schemes are refused', async () => {
    await expect(readDescription({ url: 'file:///etc/passwd' })).rejects.toMatchObject({ code: 'description-refused' })
  })

  test('a server is read when the transport allows it, and its answers are told', async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/api.json' ? 200 : 404
      response.end(JSON.stringify(openApi({ '/a': { get: {} } }, {}, { servers: [{ url: '/v2' }] })))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const transport = undiciTransport({ clock: systemClock, allow: [{ host: '127.0.0.1' }] })
    try {
      const model = await readDescription({ url: `${base}/api.json` }, { transport })
      expect(model.servers[0]?.url).toBe(`${base}/v2`)
      await expect(readDescription({ url: `${base}/none?key=secret` }, { transport })).rejects.toMatchObject({
        code: 'description-unreadable',
        message: expect.not.stringContaining('secret'),
      })
    } finally {
      await transport.close()
      server.close()
    }
  })
})

test('keys of prototypes are only keys', async () => {
  const text = JSON.stringify(
    openApi({
      '/x': {
        post: {
          operationId: 'constructor',
          parameters: [{ name: 'constructor', in: 'query', schema: {} }],
          requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/__proto__' } } } },
        },
      },
    }),
  ).replace(
    '"schemas":{}',
    '"schemas":{"__proto__":{"type":"object","properties":{"__proto__":{"type":"string"},"toString":{"type":"string"}}}},"securitySchemes":{"__proto__":{"type":"http","scheme":"bearer"}}',
  )
  const model = await readDescription({ text })
  const { manifest } = manifestOf(model)
  expect(({} as Record<string, unknown>).type).toBeUndefined()
  expect(Object.keys(manifest.operations)).toHaveLength(1)
})

test('whatever a document holds, the outcome is a model or a typed error', async () => {
  const words = [
    'get',
    'post',
    'parameters',
    'schema',
    '$ref',
    'type',
    'properties',
    'items',
    'allOf',
    'oneOf',
    'enum',
    'in',
    'name',
    'content',
    'responses',
    '200',
    'application/json',
    'required',
    'security',
    'servers',
    'url',
    'requestBody',
    'x-ms-pageable',
    'headers',
    'default',
    'tags',
    'variables',
    'flows',
    'scopes',
  ]
  const leaf = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string(),
    fc.constantFrom(
      '#/components/schemas/A',
      '#',
      '#/paths',
      'query',
      'path',
      'object',
      'array',
      'string',
      '/{a}',
      'apiKey',
      'oauth2',
    ),
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...words), fc.string()), tie('value'), { maxKeys: 5 }),
    ),
  }))
  const formats = fc.constantFrom(
    { openapi: '3.0.0' },
    { openapi: '3.1.0' },
    { swagger: '2.0' },
    { discoveryVersion: 'v1', resources: {} },
    { metadata: { protocol: 'rest-json' }, operations: {} },
  )
  const document = fc
    .tuple(formats, value, value, value, value, value)
    .map(([format, paths, schemas, info, security, servers]) => ({
      ...format,
      info,
      servers,
      security,
      paths: { '/a/{b}': paths, '/c': { get: schemas, post: paths, parameters: [security] } },
      definitions: { A: schemas },
      schemas: { A: schemas },
      shapes: { A: schemas },
      ...('resources' in format ? { resources: { r: { methods: { m: paths, n: schemas } } } } : {}),
      ...('metadata' in format ? { operations: { M: paths, N: { input: schemas, output: paths, http: info } } } : {}),
      components: {
        schemas: { A: schemas, B: paths },
        securitySchemes: { s: security, t: { type: 'oauth2', flows: schemas } },
        parameters: servers,
      },
    }))
  await fc.assert(
    fc.asyncProperty(document, async (one) => {
      try {
        const model = await modelOf(one)
        const { report } = manifestOf(model)
        expect(report.written + report.leftOut.length).toBe(model.operations.length)
        expect(diffModels(model, await modelOf(one)).changes).toEqual([])
      } catch (error) {
        expect(error).toMatchObject({ name: 'PatchbayError', code: expect.stringMatching(/^description-/) })
      }
    }),
    { numRuns: 400 },
  )
})

test('cutting a document short gives a typed error everywhere', async () => {
  const text = JSON.stringify((await fixture('petstore-3-0.json')).operations.map(({ key }) => key))
  for (let end = 0; end < text.length; end += 7) {
    await expect(readDescription({ text: text.slice(0, end) })).rejects.toMatchObject({ name: 'PatchbayError' })
  }
})
