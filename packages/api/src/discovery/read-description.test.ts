import { describe, expect, test } from 'vitest'
import { fixture, modelOf, openApi } from './fixtures/fixture.ts'
import { readDescription } from './index.ts'

const keys = (model: Awaited<ReturnType<typeof fixture>>): string[] => model.operations.map(({ key }) => key)

describe('OpenAPI 3', () => {
  test('reads operations with parameters of path and operation, references followed', async () => {
    const model = await fixture('petstore-3-0.json')
    expect(model).toMatchObject({ protocol: 'rest', format: 'openapi-3.0', title: 'Pet Yard', version: '1.4.0' })
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/)
    const list = model.operations.find(({ id }) => id === 'listPets')
    expect(list?.parameters.map((one) => [one.in, one.name, one.required, one.explode])).toEqual([
      ['header', 'X-Trace', false, false],
      ['query', 'cursor', false, true],
      ['query', 'limit', false, true],
      ['query', 'kind', false, false],
    ])
    expect(list?.security).toEqual([new Map([['key', []]])])
    expect(model.security.get('key')?.methods).toEqual([{ scheme: 'api-key', in: 'header', name: 'X-Key' }])
    expect(model.servers[0]?.variables.get('region')).toMatchObject({ default: 'eu', values: ['eu', 'us'] })
  })

  test('a path parameter that nobody declared is added and reported', async () => {
    const model = await fixture('petstore-3-0.json')
    const gone = model.operations.find(({ id }) => id === 'deletePet')
    expect(gone?.parameters).toMatchObject([{ name: 'pet-id', in: 'path', required: true }])
    expect(model.findings.map(({ code }) => code)).toContain('parameter-not-declared')
  })

  test('schemas are looked at one level at a time, also circular ones, in the words of 2020-12', async () => {
    const { schemas } = await fixture('petstore-3-0.json')
    const node = schemas.named('Pet')
    if (node === undefined) throw new Error('Pet is missing')
    const view = schemas.view(node)
    const property = (name: string) => {
      const found = view.properties.get(name)
      if (found === undefined) throw new Error(`${name} is missing`)
      return schemas.view(found)
    }
    expect(property('nick').types).toEqual(['string', 'null'])
    expect(property('weight')).toMatchObject({ minimum: undefined, exclusiveMinimum: 0 })
    expect(property('parent').name).toBe('Pet')
    expect(property('parent').identity).toBe(view.identity)
  })

  test('allOf is one object; what stands beside $ref counts in 3.1', async () => {
    const { schemas } = await modelOf(
      openApi(
        {},
        {
          Base: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
          Whole: { $ref: '#/components/schemas/Base', properties: { more: { type: 'integer' } }, required: ['more'] },
          Sum: { allOf: [{ $ref: '#/components/schemas/Base' }, { properties: { own: { type: 'boolean' } } }] },
        },
      ),
    )
    for (const [name, fields] of [
      ['Whole', ['id', 'more']],
      ['Sum', ['id', 'own']],
    ] as const) {
      const node = schemas.named(name)
      expect([...(node === undefined ? [] : (schemas.fields(node)?.properties.keys() ?? []))]).toEqual(fields)
    }
  })

  test('fragments and queries of published paths are no part of the request', async () => {
    const model = await modelOf(
      openApi({
        '/#X=A': { post: {} },
        '/?Action=B&V=1&file={name}': { post: { parameters: [{ name: 'name', in: 'path', schema: {} }] } },
        '/x/{key+}': { get: {} },
      }),
    )
    expect(model.operations.map(({ key, path }) => [key, path])).toEqual([
      ['POST /#X=A', '/'],
      ['POST /?Action=B&V=1&file={name}', '/'],
      ['GET /x/{key+}', '/x/{key}'],
    ])
    expect(model.operations[1]?.parameters).toMatchObject([{ name: 'file', in: 'query', required: true }])
    expect(model.operations[1]?.fixedQuery).toEqual(
      new Map([
        ['Action', 'B'],
        ['V', '1'],
      ]),
    )
    expect(model.operations[2]?.parameters).toMatchObject([{ name: 'key', slashes: true }])
  })
})

test('Swagger 2.0: body and form parameters become a body, collection formats styles', async () => {
  const model = await fixture('petstore-2-0.yaml')
  expect(model).toMatchObject({ format: 'swagger-2.0', version: '1', servers: [{ url: 'https://petyard.example/v1' }] })
  const [list, add, photo] = model.operations
  expect(list?.parameters).toMatchObject([{ name: 'limit' }, { name: 'kind', style: 'form', explode: true }])
  expect(list?.responses[0]).toMatchObject({ status: '200', media: [{ type: 'application/json' }] })
  expect([...(list?.responses[0]?.headers.keys() ?? [])]).toEqual(['link'])
  expect(add?.body).toMatchObject({ required: true, media: [{ type: 'application/json' }] })
  expect(photo?.body?.media).toMatchObject([
    { type: 'multipart/form-data', schema: { raw: { required: ['file'], properties: { file: { type: 'file' } } } } },
  ])
  expect(model.security.get('oauth')?.methods[0]).toMatchObject({
    scheme: 'oauth2-code',
    tokenUrl: 'https://login.petyard.example/token',
  })
})

test('Google discovery: methods, reserved expansion, page tokens', async () => {
  const model = await fixture('notes-discovery.json')
  expect(keys(model)).toEqual(['GET /v1/notes', 'GET /v1/notes/{notesId}'])
  const [list, get] = model.operations
  expect(list?.parameters.map(({ name }) => name)).toEqual(['quotaUser', 'pageSize', 'pageToken', 'view'])
  expect(list?.paging).toEqual({
    by: 'google',
    tokenInput: 'pageToken',
    tokenOutput: 'nextPageToken',
    limitInput: 'pageSize',
  })
  expect(get).toMatchObject({
    path: '/v1/{name}',
    parameters: [{ name: 'quotaUser' }, { name: 'name', in: 'path', slashes: true }],
  })
})

test('AWS json: one URL, the action in a header, the token in the body', async () => {
  const model = await fixture('queue-aws-json.json')
  expect(keys(model)).toEqual(['POST /#ListQueues', 'POST /#DeleteQueue'])
  const [list] = model.operations
  expect(list?.parameters).toMatchObject([
    { name: 'X-Amz-Target', in: 'header', schema: { raw: { const: 'QueueYard_20240506.ListQueues' } } },
  ])
  expect(list?.body?.media).toMatchObject([{ type: 'application/x-amz-json-1.1' }])
  expect(model.security.get('aws')?.methods).toEqual([{ scheme: 'aws-sigv4', service: 'queue' }])
})

test('AWS rest-xml: places of members, greedy path, a body of bytes', async () => {
  const [get] = (await fixture('shelf-aws-rest-xml.json')).operations
  expect(get).toMatchObject({ method: 'GET', path: '/{Shelf}/{Key}', id: 'GetBook' })
  expect(get?.parameters.map((one) => `${one.in} ${one.name} ${one.required} ${one.slashes === true}`)).toEqual([
    'path Shelf true false',
    'path Key true true',
    'header If-Match false false',
    'query part false false',
  ])
  expect(get?.fixedQuery).toEqual(new Map([['x-id', 'GetBook']]))
  expect(get?.responses[0]).toMatchObject({ media: [{ type: 'application/octet-stream' }] })
  expect([...(get?.responses[0]?.headers.keys() ?? [])]).toEqual(['etag'])
})

test('OData 4: entity sets, keys of base types, functions, bound actions', async () => {
  const model = await fixture('orders-odata-4.xml')
  expect(keys(model)).toEqual([
    'GET /Orders',
    'POST /Orders',
    'GET /Orders({Id})',
    'PATCH /Orders({Id})',
    'DELETE /Orders({Id})',
    'POST /Orders({Id})/Yard.Orders.Close',
    'GET /Customers',
    'POST /Customers',
    "GET /Customers('{Code}')",
    "PATCH /Customers('{Code}')",
    "DELETE /Customers('{Code}')",
    'GET /Me',
    "GET /Nearest(zip='{zip}')",
  ])
  expect(model.operations[0]?.paging).toMatchObject({ by: 'odata', nextLink: '@odata.nextLink', items: 'value' })
  expect(model.findings).toMatchObject([{ code: 'entity-set-left-out' }])
  const order = model.schemas.named('Yard.Orders.Order')
  expect([...(order === undefined ? [] : (model.schemas.fields(order)?.properties.keys() ?? []))]).toEqual([
    'Id',
    'Note',
    'State',
    'Tags',
  ])
})

test('OData 2: wrapped answers, marked literals, function imports', async () => {
  const model = await fixture('orders-odata-2.xml')
  expect(model.format).toBe('odata-2.0')
  expect(keys(model)).toContain("GET /Orders(Id=guid'{Id}',Line={Line})")
  expect(model.operations[0]?.paging).toMatchObject({ items: 'd.results', nextLink: 'd.__next' })
  expect(model.operations.at(-1)).toMatchObject({ key: 'POST /Approve', parameters: [{ name: 'Id', in: 'query' }] })
})

describe('what is no description', () => {
  const cases: [string, string, string, RegExp][] = [
    ['broken JSON', '{\n  "openapi": "3.1.0",\n  "paths": {]\n}', 'description-syntax', /line 3, column 13/],
    ['broken YAML', 'openapi: 3.1.0\ninfo:\n  title: [a\n', 'description-syntax', /line \d+, column \d+/],
    ['broken XML', '<a><b></a>', 'description-syntax', /line 1, column/],
    ['a web page', '<!DOCTYPE html><html></html>', 'description-unknown-format', /web page/],
    ['nothing', ' \n', 'description-syntax', /empty/],
    ['a GraphQL schema', '"""Docs"""\ntype Query { a: Int }', 'description-unknown-format', /api\/graphql/],
    ['a WSDL', '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>', 'description-unknown-format', /api\/soap/],
    ['AsyncAPI', '{"asyncapi":"3.0.0"}', 'description-unknown-format', /AsyncAPI/],
    ['any JSON', '{"a":1}', 'description-unknown-format', /openapi, google-discovery, aws, odata/],
    ['Swagger 1', '{"swaggerVersion":"1.2"}', 'description-unknown-format', /Swagger 1/],
    ['paths that are a list', '{"openapi":"3.0.0","paths":[]}', 'description-malformed', /a list/],
  ]
  test.each(cases)('%s', async (_, text, code, message) => {
    await expect(readDescription({ text })).rejects.toMatchObject({
      name: 'PatchbayError',
      code,
      message: expect.stringMatching(message),
    })
  })

  test('JSON that is good YAML is read, with a finding', async () => {
    const model = await readDescription({ text: '{"openapi": "3.1.0", "info": {"title": "T"}, "paths": {},}' })
    expect(model.findings[0]?.code).toBe('json-repaired')
  })

  test('a reader that is handed in is asked first', async () => {
    const seen: string[] = []
    const base = await fixture('petstore-3-0.json')
    const reader = {
      format: 'graphql',
      detects: (document: { syntax: string }) => document.syntax === 'text',
      read: (document: { syntax: string }) => {
        seen.push(document.syntax)
        return { ...base, protocol: 'graphql' as const }
      },
    }
    const model = await readDescription({ text: 'schema { query: Q }' }, { readers: [reader] })
    expect([seen, model.protocol]).toEqual([['text'], 'graphql'])
  })
})
