import { describe, expect, test } from 'vitest'
import { lintManifest } from '../../manifest/index.ts'
import { fixture, modelOf, openApi } from '../fixtures/fixture.ts'
import { type ManifestDraft, manifestOf } from './manifest-of.ts'

async function errorsOf({ manifest }: ManifestDraft): Promise<string[]> {
  return (await lintManifest(manifest))
    .filter(({ level }) => level === 'error')
    .map(({ path, message }) => `${path.join('.')}: ${message}`)
}

const guess = ({ report }: ManifestDraft, place: string) => report.guesses.find((one) => one.place === place)

test.each([
  'petstore-3-0.json',
  'petstore-2-0.yaml',
  'notes-discovery.json',
  'queue-aws-json.json',
  'shelf-aws-rest-xml.json',
  'orders-odata-4.xml',
  'orders-odata-2.xml',
])('%s becomes a manifest without errors', async (name) => {
  const draft = manifestOf(await fixture(name))
  expect(await errorsOf(draft)).toEqual([])
  expect(draft.report.written).toBe(draft.report.described)
})

describe('OpenAPI 3', () => {
  test('operations are named after path and method', async () => {
    const { manifest } = manifestOf(await fixture('petstore-3-0.json'))
    expect(
      Object.fromEntries(
        Object.entries(manifest.operations).map(([name, { request, effect, risk }]) => [name, [request, effect, risk]]),
      ),
    ).toEqual({
      'pet.list': ['GET /pets', 'read', undefined],
      'pet.create': ['POST /pets', 'write', undefined],
      'pet.get': ['GET /pets/{petId}', 'read', undefined],
      'pet.delete': ['DELETE /pets/{petId}', 'idempotent', 'destructive'],
      'pet.search': ['POST /pets/search', 'read', undefined],
      'pet.feed': ['POST /pets/{petId}/feed', 'write', undefined],
    })
  })

  test('inputs have places, bodies are opened, paging writes its own parameters', async () => {
    const draft = manifestOf(await fixture('petstore-3-0.json'))
    const { manifest } = draft
    const list = manifest.operations['pet.list']
    expect(Object.keys(list?.input ?? {})).toEqual(['kind', 'xTrace'])
    expect(list?.input?.kind).toMatchObject({ in: 'query', type: 'array', style: 'comma' })
    expect(list?.input?.xTrace).toMatchObject({ in: 'header', as: 'X-Trace' })
    expect(list?.list).toMatchObject({
      items: 'pets',
      schema: 'Pet',
      pagination: { kind: 'cursor-body', path: 'next_cursor', send: { query: 'cursor' }, sizeKey: 'limit' },
    })
    expect(guess(draft, 'operations.pet.list.list.pagination')).toMatchObject({ confidence: 'high' })
    const create = manifest.operations['pet.create']
    expect(create?.input).toMatchObject({
      name: { in: 'body', required: true, maxLength: 40 },
      nick: { type: ['string', 'null'] },
      pin: {},
    })
    expect(create?.input).not.toHaveProperty('id')
    expect(Object.keys(manifest.schemas?.Pet?.properties ?? {})).not.toContain('pin')
    expect(guess(draft, 'operations.pet.search.effect')).toMatchObject({ decision: 'read', confidence: 'medium' })
  })

  test('servers with variables become a deployment, its hosts and the configuration', async () => {
    const { manifest } = manifestOf(await fixture('petstore-3-0.json'))
    expect(manifest.deployments).toEqual([
      { id: 'cloud', kind: 'saas', url: 'https://{region}.petyard.example/api', hosts: ['*.petyard.example'] },
    ])
    expect(manifest.config).toEqual({ region: { type: 'string', enum: ['eu', 'us'], default: 'eu' } })
    expect(manifest.credentials).toEqual([{ id: 'key', scheme: 'api-key', settle: { in: 'header', name: 'X-Key' } }])
    expect(manifest.check).toEqual({ operation: 'pet.list' })
  })
})

test('Swagger 2.0: OAuth with the scopes that are used, multipart, Link headers', async () => {
  const { manifest } = manifestOf(await fixture('petstore-2-0.yaml'))
  expect(manifest.credentials).toEqual([
    {
      id: 'oauth',
      scheme: 'oauth2-code',
      settle: {
        tokenEndpoint: 'https://login.petyard.example/token',
        authorizationEndpoint: 'https://login.petyard.example/authorize',
      },
      scopes: { 'pets:read': 'Read pets' },
    },
  ])
  expect(manifest.deployments[0]?.hosts).toEqual(['petyard.example', 'login.petyard.example'])
  expect(manifest.operations['pet.list']?.list?.pagination).toMatchObject({ kind: 'link-header' })
  expect(manifest.operations['petPhoto.create'] ?? manifest.operations['pet.photo']).toMatchObject({
    body: 'multipart',
    input: { file: { in: 'part', format: 'binary', required: true } },
  })
})

test('AWS: the action is a constant, the token a field of the body', async () => {
  const { manifest } = manifestOf(await fixture('queue-aws-json.json'))
  expect(manifest.operations['queue.list']).toMatchObject({
    request: 'POST /',
    effect: 'read',
    constants: { headers: { 'X-Amz-Target': 'QueueYard_20240506.ListQueues' } },
    contentType: 'application/x-amz-json-1.1',
    list: {
      items: 'Queues',
      pagination: { kind: 'cursor-body', path: 'NextToken', send: { body: 'NextToken' }, sizeKey: 'MaxResults' },
    },
  })
  expect(manifest.operations['queue.delete']).toMatchObject({
    effect: 'write',
    risk: 'destructive',
    input: { name: { in: 'body', as: 'Name', required: true } },
  })
  expect(manifest.credentials).toMatchObject([{ scheme: 'aws-sigv4', settle: { service: 'queue' } }])
})

test('OData: pages by its own rule, no server means self-hosted', async () => {
  const draft = manifestOf(await fixture('orders-odata-4.xml'))
  expect(draft.manifest.operations['order.list']?.list).toMatchObject({ items: 'value', pagination: { kind: 'odata' } })
  expect(draft.manifest.deployments).toMatchObject([{ kind: 'self-hosted', url: '{baseUrl}' }])
  expect(guess(draft, 'deployments')).toMatchObject({ confidence: 'low' })
})

describe('names', () => {
  const named = async (...requests: string[]): Promise<string[]> => {
    const paths: Record<string, Record<string, object>> = {}
    for (const request of requests) {
      const [method = '', path = '', operationId] = request.split(' ')
      paths[path] = { ...paths[path], [method.toLowerCase()]: operationId === undefined ? {} : { operationId } }
    }
    return Object.entries(manifestOf(await modelOf(openApi(paths))).manifest.operations).map(
      ([name, { request }]) => `${request} ${name}`,
    )
  }

  test('operations that want one name both take a longer one', async () => {
    expect(await named('GET /users/{id}/keys/{key}', 'GET /teams/{id}/keys/{key}', 'GET /v1/policies/{id}')).toEqual([
      'GET /users/{id}/keys/{key} userKey.get',
      'GET /teams/{id}/keys/{key} teamKey.get',
      'GET /v1/policies/{id} policy.get',
    ])
  })

  test('remote calls are named after their ids; names of prototypes get another', async () => {
    expect(await named('POST /chat.postMessage chat_postMessage', 'GET /constructor', 'GET /then/{a}')).toEqual([
      'POST /chat.postMessage chat.postMessage',
      'GET /constructor constructorResource.get',
      'GET /then/{a} thenResource.get',
    ])
  })

  test('a part of an API has the names of the whole', async () => {
    const model = await modelOf(
      openApi({
        '/users/{id}/keys': { post: { tags: ['u'] } },
        '/teams/{id}/keys': { post: { tags: ['t'] } },
        '/keys': { post: {} },
      }),
    )
    const whole = manifestOf(model).manifest.operations
    for (const tag of ['u', 't']) {
      const { manifest, report } = manifestOf(model, { tags: [tag] })
      const [name = ''] = Object.keys(manifest.operations)
      expect(whole[name]?.request).toBe(manifest.operations[name]?.request)
      expect(report.leftOut).toHaveLength(2)
    }
  })
})

test('a GET that is called a change is no read, and lists of warnings are no records', async () => {
  const list = { type: 'array', items: { type: 'string' } }
  const answer = (properties: object): object => ({
    responses: { 200: { content: { 'application/json': { schema: { type: 'object', properties } } } } },
  })
  const document = openApi({
    '/auth.revoke': { get: { operationId: 'auth_revoke' } },
    '/files.delete': { get: { operationId: 'files_delete' } },
    '/boxes': { get: answer({ warnings: list, total: { type: 'integer' } }) },
    '/warnings': { get: answer({ warnings: list }) },
  })
  const draft = manifestOf(await modelOf(document))
  const { operations } = draft.manifest
  expect(operations['auth.revoke']).toMatchObject({ effect: 'write' })
  expect(operations['files.delete']).toMatchObject({ effect: 'write', risk: 'destructive' })
  expect(Object.keys(operations).slice(2)).toEqual(['box.get', 'warning.list'])
  expect(await errorsOf(draft)).toEqual([])
})

describe('selection and size', () => {
  test('tags, operations and a most', async () => {
    const model = await fixture('petstore-3-0.json')
    expect(Object.keys(manifestOf(model, { tags: ['pets'] }).manifest.operations)).toEqual(['pet.list', 'pet.create'])
    expect(Object.keys(manifestOf(model, { operations: ['getPet', 'POST /pets'] }).manifest.operations)).toEqual([
      'pet.create',
      'pet.get',
    ])
    const { manifest, report } = manifestOf(model, { max: 1 })
    expect([Object.keys(manifest.operations), report.leftOut.length, report.leftOut[0]?.reason]).toEqual([
      ['pet.list'],
      5,
      'more than 1',
    ])
    expect(() => manifestOf(model, { tags: ['none'] })).toThrow(/select others/)
  })

  test('what does not fit loses depth first and operations then, and stays valid', async () => {
    const schemas = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [
        `S${at}`,
        {
          type: 'object',
          properties: {
            a: { type: 'string', description: 'words '.repeat(20) },
            next: { $ref: `#/components/schemas/S${(at + 1) % 40}` },
          },
        },
      ]),
    )
    const paths = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [
        `/t${at}/{id}`,
        {
          get: {
            responses: {
              200: { content: { 'application/json': { schema: { $ref: `#/components/schemas/S${at}` } } } },
            },
          },
        },
      ]),
    )
    const model = await modelOf(openApi(paths, schemas))
    const draft = manifestOf(model, { maxBytes: 35_000 })
    expect(draft.report.written).toBe(40)
    expect(draft.report.schemaDepth).toBeLessThan(4)
    const cut = manifestOf(model, { maxBytes: 25_000 })
    expect(cut.report.written).toBeLessThan(40)
    expect(cut.report.leftOut).toHaveLength(40 - cut.report.written)
    expect(await errorsOf(cut)).toEqual([])
    expect(JSON.stringify(cut.manifest, null, 2).length).toBeLessThan(25_000)
  })
})

test('paging is told by what parameters and answers are called', async () => {
  const cases: [readonly string[], object, object][] = [
    [
      ['page', 'per_page'],
      { total_pages: { type: 'integer' } },
      { kind: 'page', page: 'page', sizeKey: 'per_page', pages: 'total_pages' },
    ],
    [
      ['offset', 'limit'],
      { total: { type: 'integer' } },
      { kind: 'offset', offset: 'offset', sizeKey: 'limit', total: 'total' },
    ],
    [
      ['page'],
      { links: { type: 'object', properties: { next: { type: 'string' } } } },
      { kind: 'next-url', path: 'links.next' },
    ],
    [
      ['starting_after', 'limit'],
      { meta: { type: 'object', properties: { next_cursor: { type: 'string' } } } },
      { kind: 'cursor-body', path: 'meta.next_cursor', send: { query: 'starting_after' }, sizeKey: 'limit' },
    ],
    [[], {}, { kind: 'none', reason: 'The description names no paging.' }],
  ]
  for (const [names, fields, expected] of cases) {
    const schema = {
      type: 'object',
      properties: {
        items: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } },
        ...fields,
      },
    }
    const parameters = names.map((name) => ({ name, in: 'query', schema: { type: 'string' } }))
    const document = openApi({
      '/things': { get: { parameters, responses: { 200: { content: { 'application/json': { schema } } } } } },
    })
    const draft = manifestOf(await modelOf(document))
    expect(draft.manifest.operations['thing.list']?.list?.pagination).toEqual(expected)
    expect(await errorsOf(draft)).toEqual([])
  }
})
