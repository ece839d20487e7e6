import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { Fault } from '../../errors.ts'
import type { HttpRequest } from '../../http/transport.ts'
import { secret } from '../../secret.ts'
import { type FakeScript, fakeTransport } from '../transports/fake-transport.ts'
import { fixtureText, loadFixture } from './fixture.ts'
import { recorder } from './recorder.ts'
import type { RedactOptions } from './redactor.ts'
import { replay } from './replay.ts'

const folder = await mkdtemp(join(tmpdir(), 'patchbay-fixtures-'))
afterAll(() => rm(folder, { recursive: true }))

const key = 'k-9f8e/7d+6c==5b4a'
const request = (method: string, path: string, extra: Partial<HttpRequest> = {}): HttpRequest => ({
  method,
  url: `https://api.test${path}`,
  ...extra,
})
const json = (value: unknown, headers: Record<string, string> = {}): Partial<HttpRequest> => ({
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json', ...headers },
})
const text = (body: Uint8Array) => Buffer.from(body).toString()

/** Records these requests against a script; gives the text of the fixture. */
async function record(script: FakeScript, requests: readonly HttpRequest[], redact?: RedactOptions, revealed?: object) {
  const recording = recorder({
    transport: fakeTransport(script),
    ...(redact === undefined ? {} : { redact }),
    credential: { marks: { headers: [], query: [] }, reveal: async () => ({ ...revealed }) },
  })
  for (const each of requests) await recording.send(each).catch(() => undefined)
  const fixture = await recording.fixture('scenario')
  return { fixture, text: fixtureText(fixture) }
}

describe('recorder', () => {
  it('passes everything on, and writes a readable file that replays', async () => {
    const recording = recorder({
      transport: fakeTransport({
        'GET /items': ({ query }) =>
          query.get('cursor') === null ? { json: { items: [1], next: 'c-2' } } : { json: { items: [2] } },
        'POST /items': { status: 201, text: '<id>7</id>', headers: { 'content-type': 'application/xml', date: 'now' } },
        'GET /down': { fault: { kind: 'network', code: 'ECONNRESET', sent: 'maybe', message: 'reset' } },
      }),
    })
    const asked = [
      request('GET', '/items'),
      request('GET', '/items?cursor=c-2&b=1'),
      request('POST', '/items', json({ name: 'a' })),
      request('GET', '/items', { response: 'stream' }),
    ]
    expect(text((await recording.send(asked[0] as HttpRequest)).body)).toBe('{"items":[1],"next":"c-2"}')
    for (const each of asked.slice(1)) {
      const { stream } = await recording.send(each)
      for await (const _ of stream ?? []);
    }
    await expect(recording.send(request('GET', '/down'))).rejects.toBeInstanceOf(Fault)

    const file = join(folder, 'deep', 'items.json')
    const fixture = await recording.save(file, 'items')
    expect(await loadFixture(file)).toEqual(fixture)
    expect(await readFile(file, 'utf8')).toMatch(/^\{\n {2}"format": "patchbay-fixture\/1",\n {2}"scenario": "items"/)
    expect(fixture.exchanges[2]).toEqual({
      request: {
        method: 'POST',
        url: 'https://api.test/items',
        headers: { 'content-type': 'application/json' },
        body: { json: { name: 'a' } },
      },
      response: { status: 201, headers: { 'content-type': 'application/xml' }, body: { text: '<id>7</id>' } },
    })

    const replayed = replay(fixture)
    expect(text((await replayed.send(request('GET', '/items?b=1&cursor=c-2'))).body)).toBe('{"items":[2]}')
    expect(text((await replayed.send(asked[0] as HttpRequest)).body)).toBe('{"items":[1],"next":"c-2"}')
    expect(replayed.unused).toEqual([
      '3 (POST https://api.test/items)',
      '4 (GET https://api.test/items)',
      '5 (GET https://api.test/down)',
    ])
    expect(() => replayed.verify()).toThrow('recorded in "items" and not asked for: 3 (POST')
    const created = await replayed.send(request('POST', '/items', json({ name: 'a' })))
    expect([created.status, created.statusText]).toEqual([201, 'Created'])
    const streamed = await replayed.send(asked[3] as HttpRequest)
    for await (const chunk of streamed.stream ?? []) expect(text(chunk)).toBe('{"items":[1],"next":"c-2"}')
    const failing = replayed.send(request('GET', '/down'))
    await expect(failing).rejects.toMatchObject({ facts: { kind: 'network', code: 'ECONNRESET', sent: 'maybe' } })
    replayed.verify()
  })

  it('gives the same text for the same exchanges, whatever the order of headers and the boundary', async () => {
    const once = async (boundary: string, reverse: boolean) => {
      const entries = [
        ['x-b', '2'],
        ['x-a', '1'],
        ['content-type', `multipart/form-data; boundary=${boundary}`],
      ]
      const headers = Object.fromEntries(reverse ? entries.toReversed() : entries)
      const body = `--${boundary}\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--${boundary}--`
      return (await record({ 'POST /a': {} }, [request('POST', '/a', { body, headers })])).text
    }
    expect(await once('----7f3a', false)).toBe(await once('----99zz', true))
  })

  it('keeps streams that were left early, marked as partial, and forgets calls that the caller gave up', async () => {
    const transport = fakeTransport({ 'GET /a': { text: 'unread' } })
    const recording = recorder({
      transport: {
        ...transport,
        async send(each) {
          const response = await transport.send(each)
          if (each.url.endsWith('/a?quit')) throw new Error('the caller quit')
          async function* parts() {
            yield Buffer.from('one')
            yield Buffer.from('two')
          }
          return { ...response, body: new Uint8Array(), stream: parts() }
        },
      },
    })
    const { stream } = await recording.send(request('GET', '/a', { response: 'stream' }))
    for await (const _ of stream ?? []) break
    await expect(recording.send(request('GET', '/a?quit'))).rejects.toThrow('the caller quit')
    const { exchanges } = await recording.fixture('partial')
    expect(exchanges).toHaveLength(1)
    expect(exchanges[0]?.response).toMatchObject({ partial: true, body: { text: 'one' } })
  })
})

describe('redaction', () => {
  it('takes credential marks out of headers, queries and wherever the vendor repeats them', async () => {
    const marked = request('GET', `/echo/${encodeURIComponent(key)}?sig=${encodeURIComponent(key)}&page=2`, {
      headers: { 'x-odd': `Custom ${key}` },
      credentialMarks: { headers: ['x-odd'], query: ['sig'] },
    })
    const echo = { json: { you: { sent: key, encoded: Buffer.from(`user:${key}`).toString('base64') } } }
    const { text: written, fixture } = await record({ 'GET /echo/{key}': echo }, [marked])
    expect(written).not.toContain(key)
    expect(written).not.toContain(encodeURIComponent(key))
    expect(fixture.exchanges[0]?.request.url).toMatch(/\/echo\/\[redacted-\d\]\?sig=\[redacted-\d\]&page=2$/)
    expect(fixture.exchanges[0]?.response?.body).toEqual({
      json: {
        you: { sent: expect.stringMatching(/^\[redacted-\d\]$/), encoded: expect.stringContaining('[redacted-') },
      },
    })
  })

  it.each([
    ['authorization', 'Bearer abcdef123456'],
    ['proxy-authorization', 'Basic dXNlcjpwYXNzd29yZA=='],
    ['cookie', 'sid=abcdef123456; theme=dark'],
    ['x-api-key', 'abcdef123456'],
    ['X-Amz-Security-Token', 'abcdef123456'],
    ['x-vendor-auth-token', 'abcdef123456'],
    ['private-token', 'abcdef123456'],
    ['x-hub-signature-256', 'abcdef123456'],
    ['vendor-subscription-key', 'abcdef123456'],
  ])('always redacts %s', async (name, value) => {
    const { text: written } = await record({ 'GET /a': {} }, [request('GET', '/a', { headers: { [name]: value } })])
    expect(written).toContain('[redacted-')
    for (const part of ['abcdef123456', 'dXNlcjpwYXNzd29yZA', 'password']) expect(written).not.toContain(part)
  })

  it('leaves ordinary headers alone', async () => {
    const headers = { accept: 'text/plain', 'idempotency-key': 'abc-1', 'x-cache-key': 'k', 'x-author': 'a' }
    const { fixture } = await record({ 'GET /a': {} }, [request('GET', '/a', { headers })])
    expect(fixture.exchanges[0]?.request.headers).toEqual(headers)
  })

  it('looks into URLs in texts, headers and redirects', async () => {
    const link = 'https://blob.test/x?sig=Zm9vYmFyMTIz&page=1'
    const { text: written } = await record(
      {
        'GET /a': {
          json: { link },
          headers: { link: `<${link}>; rel="next"`, location: '/x?access_token=at-7654321' },
        },
      },
      [request('GET', '/a')],
    )
    for (const gone of ['Zm9vYmFyMTIz', 'at-7654321']) expect(written).not.toContain(gone)
    expect(written).toContain('&page=1')
  })

  it('redacts cookies that the vendor sets, each for itself', async () => {
    const { fixture } = await record({ 'GET /a': { headers: { 'set-cookie': ['sid=abcdefgh1', 'csrf=ijklmnop2'] } } }, [
      request('GET', '/a'),
    ])
    expect(fixture.exchanges[0]?.response?.headers['set-cookie']).toEqual(['[redacted-1]', '[redacted-2]'])
  })

  it('redacts fields that are secrets by name, in JSON, forms, queries and XML, and leaves paging alone', async () => {
    const form = 'grant_type=client_credentials&client_secret=s3cr3t-value&scope=a'
    const script: FakeScript = {
      'POST /token': { json: { access_token: 'at-12345678', refresh_token: 'rt-12345678', next_page_token: 'p-2' } },
      'POST /soap': {
        text: '<a:Password Type="x">hunter22</a:Password><pageToken>p</pageToken>',
        headers: { 'content-type': 'text/xml' },
      },
      'GET /a': {},
    }
    const { text: written } = await record(script, [
      request('POST', '/token', { body: form, headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
      request('POST', '/soap', { body: '<login password="letmein9"/>', headers: { 'content-type': 'text/xml' } }),
      request('GET', '/a?access_token=at-12345678&page_token=p-2'),
    ])
    for (const gone of ['s3cr3t-value', 'at-12345678', 'rt-12345678', 'hunter22', 'letmein9'])
      expect(written).not.toContain(gone)
    for (const kept of ['client_credentials', '"next_page_token": "p-2"', 'page_token=p-2', '<pageToken>p</pageToken>'])
      expect(written).toContain(kept)
  })

  it('knows tokens by their shape, in any text', async () => {
    const tokens = [
      `eyJ${'a'.repeat(20)}.${'b'.repeat(20)}.${'c'.repeat(20)}`,
      `ghp_${'A1'.repeat(18)}`,
      `xoxb-${'1'.repeat(12)}`,
      `AKIA${'A'.repeat(16)}`,
      `sk_live_${'a'.repeat(24)}`,
      'Bearer 0123456789abcdef',
      'https://user:s3cretpass@db.test/',
      '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----',
    ]
    const { text: written } = await record({ 'GET /a': { json: { log: tokens } } }, [request('GET', '/a')])
    for (const token of tokens) expect(written).not.toContain(JSON.stringify(token).slice(1, -1))
    expect(written.match(/\[redacted-\d+\]/g)).toHaveLength(tokens.length)
  })

  it('redacts configured paths, headers, keys, shapes and e-mails', async () => {
    const body = {
      users: [{ name: 'Ann', phone: 5551234 }],
      deep: { er: { note: 'private' } },
      mail: 'ann@corp.test',
      n: 'N-1234',
    }
    const { text: written, fixture } = await record(
      { 'GET /a': { json: body } },
      [request('GET', '/a?tenant=corp-7', { headers: { 'x-org': 'corp-org' } })],
      {
        json: ['$.users.*.name', 'users.0.phone', '**.note'],
        headers: ['X-Org'],
        query: ['tenant'],
        shapes: [/N-\d+/],
        emails: true,
      },
    )
    for (const gone of ['Ann', '5551234', 'private', 'ann@corp.test', 'corp-7', 'corp-org', 'N-1234'])
      expect(written).not.toContain(gone)
    expect(fixture.exchanges[0]?.response?.body).toMatchObject({
      json: { mail: expect.stringMatching(/^user-\d+@redacted\.invalid$/) },
    })
  })

  it('keeps e-mails unless told otherwise, and gives equal values equal placeholders', async () => {
    const { text: written, fixture } = await record(
      { 'POST /login': { json: { session_token: 'st-abcdefgh' } }, 'GET /me': { json: { mail: 'ann@corp.test' } } },
      [request('POST', '/login', json({})), request('GET', '/me', { headers: { 'x-session-token': 'st-abcdefgh' } })],
    )
    expect(written).toContain('ann@corp.test')
    const login = fixture.exchanges[0]?.response?.body as { json: { session_token: string } }
    expect(fixture.exchanges[1]?.request.headers['x-session-token']).toBe(login.json.session_token)
  })

  it('finds in an early exchange what only a late one shows to be secret', async () => {
    const { text: written } = await record({ 'GET /hint': { text: 'use late-secret-1 next' }, 'GET /a': {} }, [
      request('GET', '/hint'),
      request('GET', '/a', { headers: { authorization: 'Bearer late-secret-1' } }),
    ])
    expect(written).not.toContain('late-secret-1')
  })

  it('looks into compressed requests', async () => {
    const zipped = request('POST', '/a', {
      body: gzipSync('{"password":"hunter2222"}'),
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    })
    const { fixture } = await record({ 'POST /a': {} }, [zipped])
    expect(fixture.exchanges[0]?.request.body).toEqual({ json: { password: '[redacted-1]' } })
    const odd = request('POST', '/a', { body: 'x', headers: { 'content-encoding': 'zz' } })
    await expect(record({ 'POST /a': {} }, [odd])).rejects.toThrow('cannot be looked through')
  })
})

describe('the final scan', () => {
  const binary = (value: string, before: number) => Buffer.concat([Buffer.alloc(before, 0xff), Buffer.from(value)])

  it.each([0, 1, 2])('refuses a secret inside bytes, %i bytes off the Base64 groups', async (offset) => {
    const script: FakeScript = { 'GET /a': { bytes: binary(key, offset + 3) } }
    const recording = record(script, [request('GET', '/a')], {}, { apiKey: key })
    await expect(recording).rejects.toThrow(
      /^the fixture "scenario" was not written: a secret of 18 characters \(encoded\)/,
    )
  })

  it('refuses a secret in the name of the scenario, and shows nothing of it', async () => {
    const recording = recorder({ transport: fakeTransport({}), redact: { secrets: [secret(key)] } })
    const error = await recording.save(join(folder, 'never.json'), `with ${key}`).catch((reason: Error) => reason)
    expect((error as Error).message).toContain(
      'the fixture "with [redacted-1]" was not written: a secret of 18 characters',
    )
    expect((error as Error).message).not.toContain(key)
    await expect(readFile(join(folder, 'never.json'))).rejects.toThrow('ENOENT')
  })

  it('lets a fixture pass whose secrets were all taken out', async () => {
    const forms = [
      key,
      encodeURIComponent(key),
      Buffer.from(key).toString('hex'),
      Buffer.from(`a${key}`).toString('base64url'),
    ]
    const { text: written } = await record({ 'GET /a': { json: forms } }, [request('GET', '/a')], {}, { apiKey: key })
    expect(written).not.toContain('9f8e')
  })
})

describe('replay', () => {
  const script: FakeScript = { 'POST /items': { json: { ok: true } }, 'GET /items': { json: [] } }
  const make = async () =>
    (
      await record(script, [
        request('POST', '/items?dry=1', json({ name: 'a', tags: ['x'], password: 'hunter22' })),
        request('GET', '/items?page=1'),
      ])
    ).fixture

  it('takes any value where one was redacted', async () => {
    const replayed = replay(await make())
    await replayed.send(request('POST', '/items?dry=1', json({ tags: ['x'], name: 'a', password: 'dummy' })))
    expect(replayed.unused).toHaveLength(1)
  })

  it.each([
    [
      request('GET', '/items?page=2'),
      'the closest is 2 (GET https://api.test/items?page=1): query page: recorded "1", sent "2"',
    ],
    [request('GET', '/items'), 'query page: recorded "1", sent nothing'],
    [request('DELETE', '/items?page=1'), 'method: recorded GET, sent DELETE'],
    [request('GET', '/item?page=1'), 'url: recorded "https://api.test/items", sent "https://api.test/item"'],
    [
      request('POST', '/items?dry=1', json({ name: 'b', tags: ['x', 'y'], password: 'p' })),
      'body.name: recorded "a", sent "b"; body.tags.1: recorded nothing, sent "y"',
    ],
    [
      request('POST', '/items?dry=1', json({ name: 'a', tags: ['x'], password: 'p' }, { 'content-type': 'text/json' })),
      'header content-type: recorded "application/json", sent "text/json"',
    ],
    [
      request('POST', '/items?dry=1', { headers: { 'content-type': 'application/json' } }),
      'body: recorded one, sent none',
    ],
  ])('tells what differed: %#', async (sent, message) => {
    const failing = replay(await make()).send(sent)
    await expect(failing).rejects.toThrow(message)
    await expect(failing).rejects.toBeInstanceOf(TypeError)
  })

  it('answers each recording once', async () => {
    const replayed = replay(await make())
    await replayed.send(request('GET', '/items?page=1'))
    await expect(replayed.send(request('GET', '/items?page=1'))).rejects.toThrow(
      'has no answer left for GET https://api.test/items?page=1: recorded once, sent once more',
    )
  })

  it('compares the headers that matter to the user', async () => {
    const { fixture } = await record(script, [request('GET', '/items', { headers: { 'x-version': '1' } })])
    await expect(
      replay(fixture, { headers: ['X-Version'] }).send(request('GET', '/items', { headers: { 'x-version': '2' } })),
    ).rejects.toThrow('header x-version: recorded "1", sent "2"')
    await replay(fixture).send(request('GET', '/items', { headers: { 'x-version': '2' } }))
  })

  it('refuses files of another format', async () => {
    const file = join(folder, 'other.json')
    const { writeFile } = await import('node:fs/promises')
    await writeFile(file, '{"format":"other"}')
    await expect(loadFixture(file)).rejects.toThrow('is no fixture of the format patchbay-fixture/1')
  })
})
