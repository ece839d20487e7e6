import { jsonSchemaOf } from '@patchbay/core'
import { fakeTransport } from '@patchbay/core/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { compileSelector } from './answers/read-value.ts'
import { onList } from './deployments/host-list.ts'
import { placeOf } from './deployments/place.ts'
import { type AnyIntegration, connectTo, failureOf, smallManifest } from './fixtures/small-manifest.ts'
import { startVendor, type Vendor } from './fixtures/vendor.ts'
import { integration } from './integration.ts'

let vendor: Vendor
const opened: { $close(): Promise<void> }[] = []
beforeAll(async () => {
  vendor = await startVendor()
})
afterAll(() => vendor.close())
afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.$close()))
  vendor.seen.length = 0
  vendor.answer = () => ({ json: {} })
})

const text = { type: 'string' }
const cloud = (url: string, hosts: readonly string[] = ['*.acme.example'], more: object = {}) =>
  smallManifest({
    deployments: [{ id: 'cloud', kind: 'saas', url, hosts, ...more }],
    config: Object.fromEntries([...url.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, text])),
  })

async function issuesOf(manifest: ReturnType<typeof smallManifest>, config: unknown) {
  const { config: schema } = integration(manifest) as AnyIntegration
  const result = await schema['~standard'].validate(config)
  return (result.issues ?? []).map(({ path, message }) => `${(path ?? []).join('.')}: ${message}`)
}

/** The URL to which the first request would go. */
async function target(manifest: ReturnType<typeof smallManifest>, config: object): Promise<string> {
  const transport = fakeTransport({ '*': { json: {} } })
  const connection = connectTo(manifest, config, { transport })
  opened.push(connection)
  await connection.thing?.get?.()
  return transport.requests[0]?.url ?? ''
}

describe('values of the configuration in URLs', () => {
  test('fill a label, a host, a port and a part of the path', async () => {
    expect(await target(cloud('https://{account}.eu.acme.example/v1'), { account: 'my-team1' })).toBe(
      'https://my-team1.eu.acme.example/v1/thing',
    )
    expect(await target(cloud('https://{domain}/api'), { domain: 'dev.acme.example' })).toBe(
      'https://dev.acme.example/api/thing',
    )
    expect(await target(cloud('https://x.acme.example/t/{tenant}/v1'), { tenant: 'a b/c' })).toBe(
      'https://x.acme.example/t/a%20b%2Fc/v1/thing',
    )
    const own = smallManifest({
      deployments: [{ id: 'server', kind: 'self-hosted', url: 'https://{host}:{port}/rest' }],
      config: { host: text, port: { type: 'integer' } },
    })
    expect(await target(own, { host: 'desk.corp.example', port: 8443 })).toBe(
      'https://desk.corp.example:8443/rest/thing',
    )
  })

  test.each([
    'evil.example/',
    'a.b',
    'a@evil.example',
    'evil.example#',
    'evil.example?',
    'a/b',
    'a:1',
    '',
    'a\\b',
    ' a',
    'a\r\nb',
    '-a',
    '%61',
    'ａ',
    '..',
    '{x}',
  ])('a label cannot be %j', async (account) => {
    const issues = await issuesOf(cloud('https://{account}.acme.example'), { account })
    expect(issues).toEqual([expect.stringMatching(/^account: /)])
  })

  test.each([
    'evil.example',
    'x.acme.example.evil.example',
    'evil.example/.acme.example',
    'x.acme.example:8080',
    'a@x.acme.example',
    'acme.example',
    '127.0.0.1',
    '[::1]',
    'x.acme.example/..',
    'x.acme.example?',
  ])('a host cannot be %j', async (domain) => {
    expect(await issuesOf(cloud('https://{domain}'), { domain })).toEqual([expect.stringMatching(/^domain: /)])
  })

  test.each(['..', '.', 'a/../b', '../x', '\ud800'])('a part of a path cannot be %j', async (tenant) => {
    expect(await issuesOf(cloud('https://x.acme.example/{tenant}/v1'), { tenant })).toEqual([
      expect.stringMatching(/^tenant: /),
    ])
  })

  test.each(['0', '65536', '80/x', '80@evil.example', 'x'])('a port cannot be %j', async (port) => {
    expect(await issuesOf(cloud('https://x.acme.example:{port}'), { port })).toEqual([expect.stringMatching(/^port: /)])
  })

  test.each([
    'javascript:alert(1)',
    'file:///etc/passwd',
    'https://user:pw@desk.example',
    'https://desk.example?x=1',
    'https://desk.example#x',
    'desk.example',
    'https://desk.example\\@evil.example',
    '',
  ])('a base URL cannot be %j', async (url) => {
    expect(await issuesOf(smallManifest(), { url })).toEqual([expect.stringMatching(/^url: /)])
  })

  test('a whole base URL is for self-hosted products alone', async () => {
    const issues = await issuesOf(cloud('{url}', ['*.acme.example']), { url: 'https://x.acme.example' })
    expect(issues).toEqual([expect.stringContaining('only self-hosted')])
  })

  test('private addresses are refused, whoever configured them', async () => {
    const connection = connectTo(smallManifest(), { url: vendor.url }, { network: {} })
    opened.push(connection)
    expect(await failureOf(connection.thing?.get?.() as Promise<unknown>)).toMatchObject({
      code: 'address-refused',
      sent: 'none',
    })
    expect(vendor.seen).toEqual([])
  })
})

describe('hosts outside of the list', () => {
  test('are refused for base URLs, origins, redirects and token endpoints', async () => {
    expect(await issuesOf(cloud('https://api.evil.example'), {})).toEqual([
      expect.stringContaining('not among the deployment'),
    ])
    expect(await issuesOf(cloud('https://api.acme.example', []), {})).toEqual([expect.stringContaining('not among')])
    for (const more of [{ origins: { up: 'https://up.evil.example' } }, { redirectTo: ['https://evil.example'] }])
      expect(await issuesOf(cloud('https://api.acme.example', undefined, more), {})).toEqual([
        expect.stringContaining('evil.example'),
      ])
    const manifest = smallManifest({
      deployments: [{ id: 'cloud', kind: 'saas', url: 'https://api.acme.example', hosts: ['api.acme.example'] }],
      config: {},
      credentials: [
        {
          id: 'app',
          scheme: 'oauth2-client-credentials',
          settle: { tokenEndpoint: 'https://login.evil.example/token' },
        },
      ],
    })
    const credential = (integration(manifest) as AnyIntegration).credential.app?.({ clientId: 'a', clientSecret: 's' })
    const transport = fakeTransport({ '*': { json: {} } })
    const connection = connectTo(manifest, {}, { transport, credential: credential as never })
    opened.push(connection)
    expect(await failureOf(connection.thing?.get?.() as Promise<unknown>)).toMatchObject({
      kind: 'config',
      code: 'credential-config',
    })
    expect(transport.requests).toEqual([])
  })

  test('are not the host of the list with something before or behind', () => {
    const list = ['*.acme.example', 'login.acme.test']
    expect(['a.acme.example', 'A.B.ACME.example', 'login.acme.test'].map((host) => onList(host, list))).toEqual([
      true,
      true,
      true,
    ])
    const others = [
      'acme.example',
      'xacme.example',
      'a.acme.example.evil',
      'x.login.acme.test',
      '.acme.example',
      'login.acme.test.',
    ]
    expect(others.map((host) => onList(host, list))).toEqual(others.map(() => false))
  })

  test('are not reached by redirects', async () => {
    const other = await startVendor()
    vendor.answer = () => ({ status: 302, headers: { location: `${other.url}/thing` } })
    const connection = connectTo(smallManifest(), { url: vendor.url })
    opened.push(connection)
    expect((await failureOf(connection.thing?.get?.() as Promise<unknown>)).kind).toBe('protocol')
    expect(other.seen).toEqual([])
    await other.close()
  })

  test('are not reached by requests that nobody declared', async () => {
    const other = await startVendor()
    const connection = connectTo(smallManifest(), { url: vendor.url })
    opened.push(connection)
    const read = connection.request?.read as (input: object) => Promise<{ value: unknown }>
    vendor.answer = () => ({ json: { a: 1 } })
    expect((await read({ path: '/other' })).value).toEqual({ a: 1 })
    for (const input of [
      { link: `${other.url}/x` },
      { path: '//evil.example/x' },
      { path: `/../x` },
      { path: '@evil.example' },
    ])
      expect((await failureOf(read(input))).sent).toBe('none')
    expect(other.seen).toEqual([])
    await other.close()
  })

  test('a literal host is the manifest’s own, any other the tenant’s', () => {
    const origin = (manifest: ReturnType<typeof smallManifest>, config: object) =>
      placeOf(manifest, config as never).base.origin
    expect(origin(cloud('https://api.acme.example/{a}'), { a: '1' })).toBe('builtin')
    expect(origin(cloud('https://{a}.acme.example'), { a: '1' })).toBe('tenant')
    expect(origin(smallManifest(), { url: 'https://desk.example' })).toBe('tenant')
  })
})

describe('manifests that lint has not seen', () => {
  const get = (operation: object, parts: object = {}, input: object = {}) => {
    const manifest = smallManifest({
      operations: { 'thing.get': { summary: 'x', request: 'GET /thing', effect: 'read', ...operation } },
      ...parts,
    })
    const connection = connectTo(manifest, { url: vendor.url })
    opened.push(connection)
    return failureOf(connection.thing?.get?.(input) as Promise<unknown>)
  }

  test.each([
    'GET /../admin',
    'GET /a/./b',
    'GET //evil.example/x',
    'GET https://evil.example/',
    'TRACE /x',
    'GET /a#b',
    'GET /a\\..\\b',
    'GET /{',
    'GET /{nothing}',
    'get /x',
    'GET /%2e%2e/x',
  ])('a request cannot be %j', async (request) => {
    const error = await get({ request })
    expect(['config', 'invalid-input']).toContain(error.kind)
    expect(error.sent).toBe('none')
    expect(vendor.seen).toEqual([])
  })

  test('names of prototypes are none', async () => {
    const polluted = JSON.parse('{"__proto__": {"in": "body", "type": "string"}}')
    expect(await get({ request: 'POST /x', input: polluted })).toMatchObject({ kind: 'config' })
    expect(
      await get(
        { request: 'POST /x', input: { a: { in: 'body', as: '__proto__.polluted', type: 'string' } } },
        {},
        { a: 'x' },
      ),
    ).toMatchObject({ kind: 'config' })
    expect(await get({ request: 'POST /x', constants: { body: { 'a.__proto__.polluted': 1 } } })).toMatchObject({
      kind: 'config',
    })
    expect(await get({ origin: 'constructor' })).toMatchObject({ kind: 'config' })
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    vendor.answer = () => ({
      text: '{"__proto__": {"a": 1}, "x": {"__proto__": {"b": 2}}}',
      headers: { 'content-type': 'application/json' },
    })
    for (const from of ['constructor', 'x.constructor', 'toString', '__proto__.toString', 'x.hasOwnProperty'])
      expect(compileSelector(from, 'x')({ x: {} })).toBeNull()
  })

  test('inputs named like prototypes are refused by callers', async () => {
    const error = await get(
      { request: 'POST /x', input: { a: { in: 'body', type: 'string' } } },
      {},
      JSON.parse('{"__proto__": {"a": "x"}}'),
    )
    expect(error).toMatchObject({ kind: 'invalid-input' })
  })

  test('header values of the manifest cannot begin another header', async () => {
    expect(await get({ constants: { headers: { 'x-a': 'b\r\nx-evil: 1' } } })).toMatchObject({ sent: 'none' })
    expect(await get({ constants: { headers: { 'x-a\r\nx-evil': '1' } } })).toMatchObject({ kind: 'config' })
    expect(await get({}, { transport: { headers: { 'x-a': 'b\nc' } } })).toMatchObject({ sent: 'none' })
    expect(vendor.seen).toEqual([])
  })

  test('expressions that are huge, deep, wrong or without end are errors in time', async () => {
    const begun = performance.now()
    for (const from of ['a'.repeat(9000), `${'('.repeat(4000)}a${')'.repeat(4000)}`, 'a.[', `${'a.'.repeat(4000)}a`]) {
      const error = await get({ output: { from } }).catch(() => ({ kind: 'none' }))
      expect(['config', 'protocol', 'none']).toContain(error.kind)
    }
    const long = Array.from({ length: 3000 }, (_, at) => at)
    vendor.answer = () => ({ json: { a: long } })
    expect(await get({ output: { from: 'a[].[$.a[].[$.a[].[$.a]]]' } })).toMatchObject({
      kind: 'protocol',
      code: 'expression',
    })
    expect(performance.now() - begun).toBeLessThan(5000)
  })

  test('schemas in a circle are no endless loops', async () => {
    const schemas = {
      Tree: { type: 'object', properties: { child: { $ref: '#/schemas/Tree' } } },
      Loop: { $ref: '#/schemas/Loop' },
    }
    let deep: unknown = {}
    for (let level = 0; level < 1000; level++) deep = { child: deep }
    vendor.answer = () => ({ json: deep })
    expect(await get({ output: { schema: 'Tree' } }, { schemas })).toMatchObject({ kind: 'protocol' })
    expect(await get({ output: { schema: 'Loop' } }, { schemas })).toMatchObject({ kind: 'config' })
    expect(await get({ output: { schema: 'Missing' } }, { schemas })).toMatchObject({ kind: 'config' })
  })

  test('a login cannot leave the host by its path', async () => {
    for (const path of ['@evil.example/', '.evil.example/x', '//evil.example']) {
      const settle = { steps: [{ method: 'POST', path, take: {} }], writes: [{ header: 'x', value: 'y' }] }
      const manifest = smallManifest({ credentials: [{ id: 'login', scheme: 'session', settle }] })
      const make = (integration(manifest) as AnyIntegration).credential.login as unknown as (fields: object) => never
      const transport = fakeTransport({ '*': { json: {} } })
      const work = async () => {
        const connection = connectTo(manifest, { url: 'https://desk.example' }, { transport, credential: make({}) })
        opened.push(connection)
        await connection.thing?.get?.()
      }
      await work().catch(() => undefined)
      expect(transport.requests.filter(({ url }) => new URL(url).hostname !== 'desk.example')).toEqual([])
    }
  })

  test('lists and schemas that cannot be compiled fail their calls, and nothing else', async () => {
    const list = (entry: object) => ({
      summary: 'x',
      request: 'GET /things',
      effect: 'read',
      list: { schema: {}, ...entry },
    })
    const manifest = smallManifest({
      operations: {
        'thing.get': { summary: 'x', request: 'GET /thing', effect: 'read' },
        'thing.list': list({ pagination: 'constructor' }),
        'thing.find': list({ pagination: { kind: 'time-window', from: 'a', to: 'b', format: 'iso', windowMs: 1000 } }),
        'thing.call': {
          summary: 'x',
          request: 'POST /soap',
          effect: 'read',
          soap: { version: '1.1', action: 'a', input: 'b' },
        },
      },
    })
    const connection = connectTo(manifest, { url: vendor.url })
    const { thing } = connection as unknown as Record<string, Record<string, (input: object) => never>>
    const first = async (pages: AsyncIterable<unknown>) => {
      for await (const one of pages) return one
      return undefined
    }
    for (const verb of ['list', 'find'])
      for (let time = 0; time < 2; time++)
        expect(await failureOf(first(thing?.[verb]?.({}) as never))).toMatchObject({
          name: 'PatchbayError',
          kind: 'config',
          code: 'manifest',
          sent: 'none',
        })
    expect(await failureOf(thing?.call?.({}) as never)).toMatchObject({
      name: 'PatchbayError',
      kind: 'config',
      issues: [{ path: 'operations.thing.call.soap' }],
    })
    expect(await (thing?.get?.({}) as unknown as Promise<unknown>)).toEqual({})
    await connection.$close()
  })

  test('names of operations that are none are refused when it loads', () => {
    expect(() => integration(smallManifest({ operations: { __proto: {} } }))).toThrow('noun.verb')
  })
})

describe('the configuration', () => {
  const two = smallManifest({
    deployments: [
      {
        id: 'cloud',
        kind: 'saas',
        regions: { eu: 'https://{account}.eu.acme.example', us: 'https://{account}.us.acme.example' },
        hosts: ['*.acme.example'],
      },
      { id: 'server', kind: 'self-hosted', url: '{url}' },
    ],
    config: { account: { type: 'string', maxLength: 10 }, url: text, note: { type: 'string', default: 'n' } },
  })

  test('needs what its deployment uses, and nothing else', async () => {
    expect(await issuesOf(two, { deployment: 'cloud', region: 'eu', account: 'a' })).toEqual([])
    expect(await issuesOf(two, { deployment: 'server', url: 'https://desk.example' })).toEqual([])
    expect(await issuesOf(two, { deployment: 'server' })).toEqual(['url: is missing'])
    expect(await issuesOf(two, { deployment: 'cloud', region: 'eu' })).toEqual(['account: is missing'])
  })

  test('names wrong fields, all at once', async () => {
    expect(await issuesOf(two, {})).toEqual(['deployment: must be one of cloud, server'])
    expect(await issuesOf(two, { deployment: 'cloud', account: 'a' })).toEqual(['region: must be one of eu, us'])
    const issues = await issuesOf(two, { deployment: 'moon', account: 'a'.repeat(11), acount: 1 })
    expect(issues.map((issue) => issue.split(':')[0]).toSorted()).toEqual(['account', 'acount', 'deployment'])
    expect(await issuesOf(two, 'text')).toEqual([': must be an object'])
  })

  test('has its defaults, and shows as a form', async () => {
    const { config } = integration(two) as AnyIntegration
    const result = await config['~standard'].validate({ deployment: 'server', url: 'https://d.example' })
    expect(result).toEqual({ value: { deployment: 'server', url: 'https://d.example', note: 'n' } })
    expect(jsonSchemaOf(config)).toMatchObject({
      type: 'object',
      properties: { deployment: { enum: ['cloud', 'server'] }, region: { enum: ['eu', 'us'] } },
      required: ['deployment'],
    })
  })
})
