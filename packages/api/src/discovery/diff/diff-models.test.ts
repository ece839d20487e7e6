import { describe, expect, test } from 'vitest'
import { fixture, modelOf, openApi } from '../fixtures/fixture.ts'
import { type ApiDiff, diffModels, diffText } from './diff-models.ts'

interface Parts {
  readonly path?: string
  readonly method?: string
  readonly parameters?: readonly object[]
  readonly body?: object
  readonly answer?: object
  readonly schemas?: object
  readonly more?: object
  readonly document?: object
}

function api({
  path = '/pets',
  method = 'post',
  parameters,
  body,
  answer,
  schemas = {},
  more = {},
  document = {},
}: Parts): object {
  const json = (schema: object): object => ({ 'application/json': { schema } })
  return openApi(
    {
      [path]: {
        [method]: {
          operationId: 'op',
          ...(parameters === undefined ? {} : { parameters }),
          ...(body === undefined ? {} : { requestBody: { content: json(body) } }),
          responses: { 200: { ...(answer === undefined ? {} : { content: json(answer) }) } },
          ...more,
        },
      },
    },
    schemas,
    document,
  )
}

async function diff(before: Parts, after: Parts): Promise<ApiDiff> {
  return diffModels(await modelOf(api(before)), await modelOf(api(after)))
}

const codes = ({ changes }: ApiDiff): string[] =>
  changes.map(({ severity, code, place }) => `${severity} ${code} ${place}`.trim())
const query = (name: string, more: object = {}): object => ({ name, in: 'query', schema: { type: 'string' }, ...more })
const object = (properties: object, required: readonly string[] = []): object => ({
  type: 'object',
  properties,
  required,
})
const text = { type: 'string' }

describe('each kind of change', () => {
  const cases: [string, Parts, Parts, string[]][] = [
    ['nothing', { parameters: [query('a')] }, { parameters: [query('a')] }, []],
    ['path', { path: '/a' }, { path: '/b' }, ['breaking path-changed']],
    ['method', { method: 'post' }, { method: 'put' }, ['breaking method-changed']],
    ['name in the path', { path: '/a/{x}' }, { path: '/a/{y}' }, ['compatible path-parameter-renamed path.x']],
    ['parameter gone', { parameters: [query('a')] }, {}, ['breaking parameter-removed query.a']],
    [
      'parameter elsewhere',
      { parameters: [query('a')] },
      { parameters: [{ ...query('a'), in: 'header' }] },
      ['breaking parameter-moved query.a'],
    ],
    ['parameter new', {}, { parameters: [query('a')] }, ['compatible parameter-added query.a']],
    [
      'parameter new and required',
      {},
      { parameters: [query('a', { required: true })] },
      ['breaking parameter-added-required query.a'],
    ],
    [
      'parameter required',
      { parameters: [query('a')] },
      { parameters: [query('a', { required: true })] },
      ['breaking parameter-became-required query.a'],
    ],
    [
      'parameter optional',
      { parameters: [query('a', { required: true })] },
      { parameters: [query('a')] },
      ['compatible parameter-became-optional query.a'],
    ],
    [
      'list written otherwise',
      { parameters: [query('a', { schema: { type: 'array', items: text } })] },
      { parameters: [query('a', { schema: { type: 'array', items: text }, explode: false })] },
      ['breaking parameter-style-changed query.a'],
    ],
    [
      'input narrowed',
      { body: object({ a: { type: 'number' } }) },
      { body: object({ a: { type: 'integer' } }) },
      ['breaking type-narrower body.a'],
    ],
    [
      'input widened',
      { body: object({ a: { type: 'integer' } }) },
      { body: object({ a: { type: 'number' } }) },
      ['compatible type-wider body.a'],
    ],
    [
      'input enum narrowed',
      { body: object({ a: { enum: ['x', 'y'] } }) },
      { body: object({ a: { enum: ['x'] } }) },
      ['breaking enum-narrower body.a'],
    ],
    [
      'input enum widened',
      { body: object({ a: { enum: ['x'] } }) },
      { body: object({ a: { enum: ['x', 'y'] } }) },
      ['compatible enum-wider body.a'],
    ],
    [
      'output enum widened',
      { answer: object({ a: { enum: ['x'] } }) },
      { answer: object({ a: { enum: ['x', 'y'] } }) },
      ['breaking enum-wider response.200.a'],
    ],
    [
      'output enum narrowed',
      { answer: object({ a: { enum: ['x', 'y'] } }) },
      { answer: object({ a: { enum: ['x'] } }) },
      ['compatible enum-narrower response.200.a'],
    ],
    [
      'output may be null',
      { answer: object({ a: text }) },
      { answer: object({ a: { type: ['string', 'null'] } }) },
      ['breaking type-wider response.200.a'],
    ],
    [
      'output another type',
      { answer: object({ a: text }) },
      { answer: object({ a: { type: 'integer' } }) },
      ['breaking type-changed response.200.a'],
    ],
    [
      'output field gone',
      { answer: object({ a: text }) },
      { answer: object({}) },
      ['breaking property-removed response.200.a'],
    ],
    [
      'output field new',
      { answer: object({ a: text }) },
      { answer: object({ a: text, b: text }) },
      ['compatible property-added response.200.b'],
    ],
    [
      'output field optional',
      { answer: object({ a: text }, ['a']) },
      { answer: object({ a: text }) },
      ['breaking property-became-optional response.200.a'],
    ],
    [
      'output list',
      { answer: { type: 'array', items: object({ a: text }) } },
      { answer: { type: 'array', items: object({}) } },
      ['breaking property-removed response.200[].a'],
    ],
    ['input field gone', { body: object({ a: text }) }, { body: object({}) }, ['breaking property-removed body.a']],
    [
      'input field required',
      { body: object({ a: text }) },
      { body: object({ a: text }, ['a']) },
      ['breaking property-became-required body.a'],
    ],
    [
      'input field new and required',
      { body: object({ a: text }) },
      { body: object({ a: text, b: text }, ['b']) },
      ['breaking property-added-required body.b'],
    ],
    ['read-only fields are no input', { body: object({ a: { ...text, readOnly: true } }) }, { body: object({}) }, []],
    [
      'input closed',
      { body: object({ a: text }) },
      { body: { ...object({ a: text }), additionalProperties: false } },
      ['breaking object-closed body'],
    ],
    [
      'input shorter',
      { body: object({ a: { ...text, maxLength: 9 } }) },
      { body: object({ a: { ...text, maxLength: 5 } }) },
      ['breaking maxLength-narrower body.a'],
    ],
    [
      'input longer',
      { body: object({ a: { ...text, maxLength: 5 } }) },
      { body: object({ a: { ...text, maxLength: 9 } }) },
      ['compatible maxLength-wider body.a'],
    ],
    [
      'input bounded',
      { body: object({ a: { type: 'integer' } }) },
      { body: object({ a: { type: 'integer', minimum: 1 } }) },
      ['breaking minimum-narrower body.a'],
    ],
    [
      'input format',
      { body: object({ a: text }) },
      { body: object({ a: { ...text, format: 'uuid' } }) },
      ['breaking format-narrower body.a'],
    ],
    [
      'input default',
      { body: object({ a: { ...text, default: 'x' } }) },
      { body: object({ a: { ...text, default: 'y' } }) },
      ['compatible default-changed body.a'],
    ],
    ['body gone', { body: text }, {}, ['breaking body-removed body']],
    ['body new', {}, { body: text }, ['compatible body-added body']],
    [
      'variant new in the answer',
      { answer: { oneOf: [{ title: 'A', type: 'string' }] } },
      {
        answer: {
          oneOf: [
            { title: 'A', type: 'string' },
            { title: 'B', type: 'integer' },
          ],
        },
      },
      ['breaking variant-added response.200<B>'],
    ],
    [
      'variant gone from the body',
      {
        body: {
          oneOf: [
            { title: 'A', type: 'string' },
            { title: 'B', type: 'integer' },
          ],
        },
      },
      { body: { oneOf: [{ title: 'A', type: 'string' }] } },
      ['breaking variant-removed body<B>'],
    ],
    ['deprecated', {}, { more: { deprecated: true } }, ['compatible operation-deprecated']],
    ['server', {}, { document: { servers: [{ url: 'https://new.example' }] } }, ['breaking server-changed']],
    ['status gone', { more: { responses: { 200: {}, 202: {} } } }, {}, ['breaking response-removed response.202']],
    [
      'error status gone',
      { more: { responses: { 200: {}, 404: {} } } },
      {},
      ['compatible response-removed response.404'],
    ],
    [
      'header gone',
      { more: { responses: { 200: { headers: { Link: { schema: text } } } } } },
      {},
      ['breaking response-header-removed response.200.headers.link'],
    ],
  ]
  test.each(cases)('%s', async (_, before, after, expected) => {
    expect(codes(await diff(before, after))).toEqual(expected)
  })
})

describe('security', () => {
  const schemes = {
    components: {
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'X-Key' },
        alsoKey: { type: 'apiKey', in: 'header', name: 'x-key' },
        basic: { type: 'http', scheme: 'basic' },
        oauth: {
          type: 'oauth2',
          flows: { clientCredentials: { tokenUrl: 'https://t.example', scopes: { a: '', b: '' } } },
        },
      },
    },
  }
  const secured = (security: readonly object[]): Parts => ({ document: schemes, more: { security } })
  const cases: [string, readonly object[], readonly object[], string[]][] = [
    ['another name', [{ key: [] }], [{ alsoKey: [] }], []],
    [
      'another scheme',
      [{ key: [] }],
      [{ basic: [] }],
      ['compatible security-added security', 'breaking security-changed security'],
    ],
    ['one more way', [{ key: [] }], [{ key: [] }, { basic: [] }], ['compatible security-added security']],
    ['none before', [], [{ key: [] }], ['compatible security-added security', 'breaking security-changed security']],
    ['open now', [{ key: [] }], [], []],
    [
      'both now',
      [{ key: [] }],
      [{ key: [], basic: [] }],
      ['compatible security-added security', 'breaking security-changed security'],
    ],
    [
      'scope more',
      [{ oauth: ['a'] }],
      [{ oauth: ['a', 'b'] }],
      ['breaking scope-added security', 'compatible security-added security'],
    ],
    ['scope less', [{ oauth: ['a', 'b'] }], [{ oauth: ['a'] }], []],
  ]
  test.each(cases)('%s', async (_, before, after, expected) => {
    expect(codes(await diff(secured(before), secured(after)))).toEqual(expected)
  })
})

test('circular schemas are compared once', async () => {
  const node = (extra: object): object => ({ N: object({ next: { $ref: '#/components/schemas/N' }, ...extra }) })
  const answer = { $ref: '#/components/schemas/N' }
  const result = await diff({ answer, schemas: node({ a: text }) }, { answer, schemas: node({}) })
  expect(codes(result)).toEqual(['breaking property-removed response.200.a'])
})

test('only the operations that a connection uses, by id or by method and path', async () => {
  const before = await fixture('petstore-3-0.json')
  const after = await modelOf(openApi({ '/pets': { get: { operationId: 'listPets' } }, '/new': { get: {} } }))
  const all = diffModels(before, after)
  expect(codes(all).filter((code) => code.includes('operation'))).toEqual([
    'breaking operation-removed',
    'compatible operation-added',
    'breaking operation-removed',
    'breaking operation-removed',
    'breaking operation-removed',
    'breaking operation-removed',
  ])
  const some = diffModels(before, after, { operations: ['createPet', 'GET /pets/{any}'] })
  expect(new Set(some.changes.map(({ operation }) => operation))).toEqual(new Set(['POST /pets', 'GET /pets/{pet-id}']))
})

test('the report is the same each time', async () => {
  const [before, after] = await Promise.all([fixture('petstore-3-0.json'), modelOf(openApi({ '/new': { get: {} } }))])
  const reports = [diffText(diffModels(before, after)), diffText(diffModels(before, after))]
  expect(reports[0]).toBe(reports[1])
  expect(reports[0]).toMatch(/^1\.4\.0 -> 1: 6 breaking, 1 compatible\n\nbreaking:\n {2}DELETE/)
  expect(JSON.parse(JSON.stringify(diffModels(before, after)))).toEqual(diffModels(before, after))
})
