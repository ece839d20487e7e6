import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { lintManifest } from '../manifest/lint/lint-manifest.ts'
import { manifestSchema } from '../manifest/manifest.ts'
import { type AnyIntegration, connectTo, failureOf, smallManifest } from './fixtures/small-manifest.ts'
import { startVendor, type Vendor } from './fixtures/vendor.ts'
import { integration } from './integration.ts'

const order = {
  sequence: [
    { element: 'o:id', type: 'xs:int' },
    { element: 'o:note', type: 'xs:string', min: 0 },
  ],
}
const orders = {
  prefixes: { o: 'urn:orders' },
  elements: {
    'o:Find': {
      type: {
        content: {
          sequence: [
            { element: 'o:since', type: 'xs:dateTime', min: 0 },
            { element: 'o:from', type: 'xs:int', min: 0 },
          ],
        },
      },
    },
    'o:FindResponse': {
      type: { content: { sequence: [{ element: 'o:order', type: 'o:Order', min: 0, max: 'unbounded' }] } },
    },
    'o:Touch': { type: 'xs:string' },
    'o:Picture': { type: { content: { sequence: [{ element: 'o:bytes', type: 'xs:base64Binary' }] } } },
    'o:Session': { type: { content: { sequence: [{ element: 'o:token', type: 'xs:string' }] } } },
  },
  types: { 'o:Order': { content: order } },
}
const message = { version: '1.2', schemas: 'orders' }
const soap = { ...message, action: 'urn:orders:Find', input: 'o:Find', output: 'o:FindResponse' }
const find = {
  summary: 'Orders.',
  request: 'POST /orders?wsdl=0',
  effect: 'read',
  input: { since: { in: 'body', type: 'string', format: 'date-time' } },
  soap,
  output: { schema: {} },
}
const operations = {
  'order.find': find,
  'order.list': {
    ...{ summary: 'Orders.', request: 'POST /orders', effect: 'read', soap },
    list: {
      items: 'order',
      schema: { type: 'object' },
      pagination: { kind: 'offset', offset: 'from', in: 'body', size: 2 },
    },
  },
  'order.touch': {
    ...{ summary: 'Touches.', request: 'POST /orders', effect: 'write' },
    input: { text: { in: 'body', as: '@', type: 'string', required: true } },
    soap: { ...message, action: '', input: 'o:Touch' },
    output: { as: 'nothing' },
  },
  'order.picture': {
    ...{ summary: 'A picture.', request: 'POST /orders', effect: 'read' },
    soap: { ...message, action: 'p', input: 'o:Picture', output: 'o:Picture', addressing: 'urn:orders:Picture' },
    input: { bytes: { in: 'body', type: 'string', required: true } },
    output: { schema: {} },
  },
}
const manifest = (parts: Record<string, unknown> = {}) =>
  smallManifest({ xml: { orders }, operations, check: { operation: 'order.find' }, ...parts })

const envelope = (content: string, header = '') =>
  `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">${header}<s:Body>${content}</s:Body></s:Envelope>`
const xml = (text: string, status = 200) => ({ status, text, headers: { 'content-type': 'application/soap+xml' } })
const found = (...ids: readonly (number | string)[]) =>
  xml(
    envelope(
      `<FindResponse xmlns="urn:orders">${ids.map((id) => `<order><id>${id}</id></order>`).join('')}</FindResponse>`,
    ),
  )
const fault = (reason: string, subcode = 'x:Busy') =>
  envelope(
    `<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value xmlns:x="urn:x">${subcode}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">${reason}</s:Text></s:Reason></s:Fault>`,
  )

let vendor: Vendor
beforeAll(async () => {
  vendor = await startVendor()
})
beforeEach(() => {
  vendor.seen.length = 0
})
afterAll(() => vendor.close())

const open = (parts: Record<string, unknown> = {}, settings: object = {}) =>
  connectTo(manifest(parts), { url: vendor.url }, settings)

describe('messages', () => {
  test('go where the manifest says, with times as XML has them', async () => {
    vendor.answer = () => found(7)
    await using connection = open()
    expect(await connection.order?.find?.({ since: '2026-01-31T09:30:00' })).toEqual({ order: [{ id: 7 }] })
    expect(vendor.seen[0]).toMatchObject({ method: 'POST', target: '/orders?wsdl=0' })
    expect(vendor.seen[0]?.headers['content-type']).toBe(
      'application/soap+xml; charset=utf-8; action="urn:orders:Find"',
    )
    expect(vendor.seen[0]?.text).toContain('<n2:Find><n2:since>2026-01-31T09:30:00</n2:since></n2:Find>')
    expect(await failureOf(connection.order?.find?.({ since: 'yesterday' }) as never)).toMatchObject({
      kind: 'invalid-input',
      sent: 'none',
      issues: [{ path: 'since' }],
    })
    expect(vendor.seen).toHaveLength(1)
  })

  test('are pages of a list, also of one record and of none', async () => {
    const pages = [found(1, 2), found(3, 4), found(5)]
    vendor.answer = ({ text }) => pages[Number(/from>(\d+)</.exec(text)?.[1]) / 2] ?? found()
    await using connection = open()
    const ids: unknown[] = []
    const list = connection.order?.list as unknown as (input: object) => AsyncIterable<{ readonly id: number }>
    for await (const { id } of list({})) ids.push(id)
    expect(ids).toEqual([1, 2, 3, 4, 5])
    expect(vendor.seen).toHaveLength(4)
  })

  test('without an answer give nothing', async () => {
    vendor.answer = () => ({ status: 202, text: '' })
    await using connection = open()
    expect(await connection.order?.touch?.({ text: 'a & b' })).toBeUndefined()
    expect(vendor.seen[0]?.text).toContain('<n2:Touch>a &amp; b</n2:Touch>')
  })

  test('hold bytes as text, attachments too, and WS-Addressing ties answers to them', async () => {
    const picture = (bytes: string, relates: string) =>
      envelope(
        `<Picture xmlns="urn:orders"><bytes>${bytes}</bytes></Picture>`,
        `<s:Header><a:RelatesTo xmlns:a="http://www.w3.org/2005/08/addressing">${relates}</a:RelatesTo></s:Header>`,
      )
    const idOf = (text: string) => /MessageID>([^<]+)</.exec(text)?.[1] ?? ''
    const part = (name: string, type: string, body: string) =>
      `--b\r\ncontent-id: <${name}>\r\ncontent-type: ${type}\r\ncontent-transfer-encoding: binary\r\n\r\n${body}\r\n`
    vendor.answer = ({ text }) => {
      const include = '<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:one"/>'
      const root = 'application/xop+xml; charset=utf-8; type="application/soap+xml"'
      return {
        text: `${part('root', root, picture(include, idOf(text)))}${part('one', 'image/png', 'abc')}--b--\r\n`,
        headers: {
          'content-type':
            'multipart/related; boundary=b; type="application/xop+xml"; start="<root>"; start-info="application/soap+xml"',
        },
      }
    }
    await using connection = open()
    expect(await connection.order?.picture?.({ bytes: 'AAH+' })).toEqual({ bytes: 'YWJj' })
    const sent = vendor.seen[0]?.text ?? ''
    expect(sent).toContain(':bytes>AAH+<')
    expect(sent).toMatch(/:To>http:\/\/127\.0\.0\.1:\d+\/orders</)
    vendor.answer = ({ text }) => xml(picture('AAH+', idOf(text)))
    expect(await connection.order?.picture?.({ bytes: 'AAH+' })).toEqual({ bytes: 'AAH+' })
    vendor.answer = () => xml(picture('AAH+', 'urn:uuid:another'))
    expect(await failureOf(connection.order?.picture?.({ bytes: 'AAH+' }) as never)).toMatchObject({
      kind: 'protocol',
      code: 'relates-to',
    })
  })
})

describe('answers of a vendor that means no good', () => {
  const right = 'xmlns="urn:orders"'
  test.each([
    ['a web page', { text: '<html>', headers: { 'content-type': 'text/html' } }, 'content-type'],
    ['no XML', xml('not XML'), 'bad-xml'],
    ['a document type', xml(`<!DOCTYPE a [<!ENTITY b "c">]>${envelope('<a>&b;</a>')}`), 'bad-xml'],
    ['depth', xml(envelope('<a>'.repeat(20_000) + '</a>'.repeat(20_000))), 'bad-xml'],
    ['another element', xml(envelope('<Other/>')), 'schema'],
    ['an empty body', xml(envelope('')), 'schema'],
    ['a number that is none', found('many'), 'schema'],
    ['a missing element', xml(envelope(`<FindResponse ${right}><order/></FindResponse>`)), 'schema'],
    ['a failure without a fault', xml(envelope(`<FindResponse ${right}/>`), 500), 'no-fault'],
    ['no envelope', xml(`<FindResponse ${right}/>`), 'no-envelope'],
  ])('%s is a protocol error', async (_, answer, code) => {
    vendor.answer = () => answer
    await using connection = open()
    const error = await failureOf(connection.order?.find?.() as never)
    expect(error).toMatchObject({ name: 'PatchbayError', kind: 'protocol', code })
    expect(String(error)).not.toContain('many')
  })

  test('names of elements reach no prototype', async () => {
    vendor.answer = () =>
      xml(
        envelope(
          `<FindResponse ${right}><order><id>1</id><__proto__><polluted>1</polluted></__proto__></order></FindResponse>`,
        ),
      )
    await using connection = open()
    await connection.order?.find?.().catch(() => undefined)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('faults', () => {
  const rules = [
    { when: { status: 429 }, kind: 'rate-limited' },
    { when: { body: "fault.subcodes[-1] == 'Gone'" }, kind: 'not-found' },
    { when: { status: '5XX', body: "fault.reason == 'later'" }, kind: 'conflict', retry: 'later' },
  ]

  test.each([
    [fault('x', 'x:Gone'), 500, 'not-found', 'never'],
    [fault('x', 'x:Gone'), 200, 'not-found', 'never'],
    [fault('later'), 500, 'conflict', 'exhausted'],
    [fault('x'), 500, 'unavailable', 'exhausted'],
    [fault('x'), 429, 'rate-limited', 'exhausted'],
  ])('%# get the kind that rules give', async (text, status, kind, retry) => {
    vendor.answer = () => xml(text, status)
    await using connection = open({ errors: { rules } })
    expect(await failureOf(connection.order?.find?.() as never)).toMatchObject({ kind, retry, status })
  })
})

test('errors in answers that look like successes are found by rules, and told in their words', async () => {
  vendor.answer = () =>
    xml(envelope('<FindResponse xmlns="urn:orders"><order><id>0</id><note>no such day</note></order></FindResponse>'))
  const errors = {
    message: ['order.0.note'],
    rules: [{ when: { body: 'order[0].id == `0`' }, kind: 'not-found' }],
  }
  await using connection = open({ errors })
  expect(await failureOf(connection.order?.find?.() as never)).toMatchObject({
    kind: 'not-found',
    status: 200,
    detail: 'no such day',
  })
  vendor.answer = () => found(1)
  expect(await connection.order?.find?.()).toEqual({ order: [{ id: 1 }] })
})

describe('WS-Security', () => {
  const credentials = (settle: object) => [{ id: 'user', scheme: 'ws-security', settle }]
  const withUser = (settle: object) => {
    const made = integration(manifest({ credentials: credentials(settle) })) as AnyIntegration
    const source = (made.credential as unknown as Record<string, (fields: object) => never>).user?.({
      username: 'ada',
      password: 'top-secret-1',
    })
    return open({ credentials: credentials(settle) }, { credential: source })
  }

  test('writes a digest over nonce and time into each message', async () => {
    vendor.answer = () => found()
    await using connection = withUser({ timestampSeconds: 60 })
    await connection.order?.find?.()
    const text = vendor.seen[0]?.text ?? ''
    const take = (name: string) => new RegExp(`:${name}(?: [^>]*)?>([^<]+)<`).exec(text)?.[1] ?? ''
    const [nonce, created] = [take('Nonce'), /Nonce>.*?:Created>([^<]+)</.exec(text)?.[1] ?? '']
    const digest = createHash('sha1').update(Buffer.from(nonce, 'base64')).update(`${created}top-secret-1`)
    expect(take('Password')).toBe(digest.digest('base64'))
    expect(take('Username')).toBe('ada')
    expect(text).toContain(':Expires>')
    expect(text).not.toContain('top-secret-1')
  })

  test('or the password itself, which no error repeats', async () => {
    vendor.answer = () => xml(fault('no top-secret-1 here'), 500)
    await using connection = withUser({ passwordType: 'text' })
    const error = await failureOf(connection.order?.find?.() as never)
    expect(vendor.seen[0]?.text).toContain('>top-secret-1<')
    expect(`${error} ${JSON.stringify(error)}`).not.toContain('top-secret-1')
  })
})

describe('the format', () => {
  const told = async (parts: Record<string, unknown>) =>
    (await lintManifest(manifest(parts)))
      .filter(({ level }) => level === 'error')
      .map(({ code, path, message: text }) => `${code} ${path.join('.')}: ${text}`)
  const changed = (entry: object) => ({ operations: { ...operations, 'order.find': { ...find, ...entry } } })

  test('takes it, and has nothing to say against it', async () => {
    expect(manifestSchema.safeParse(manifest()).error?.issues).toBeUndefined()
    expect(await told({})).toEqual([])
  })

  test('is closed', () => {
    for (const set of [
      { ...orders, text: '<xsd:schema/>' },
      { ...orders, prefixes: { xs: 'urn:mine' } },
      { ...orders, elements: { 'a b': {} } },
      { ...orders, types: { 'o:Order': { content: { sequence: [], eval: 'x' } } } },
      { ...orders, groups: { 'o:g': { any: false } } },
    ])
      expect(manifestSchema.safeParse(manifest({ xml: { orders: set } })).success).toBe(false)
  })

  test.each([
    [changed({ soap: { ...soap, input: 'o:Fnd' } }), /^unknown-reference operations\.order\.find\.soap\.input/],
    [changed({ soap: { ...soap, schemas: 'others' } }), /^unknown-reference operations\.order\.find\.soap\.schemas/],
    [changed({ body: 'json' }), /^soap-message operations\.order\.find\.body/],
    [changed({ output: { as: 'bytes' } }), /^soap-message operations\.order\.find\.output\.as/],
    [changed({ input: { a: { in: 'soap-header', as: 'o:Nothing', type: 'string' } } }), /^unknown-reference/],
    [{ xml: { orders: { ...orders, types: {} } } }, /^xml-schema xml\.orders\.elements\.o:FindResponse: .*Order/],
    [{ xml: { orders, unused: orders } }, /^unused xml\.unused/],
    [
      { xml: { orders: { ...orders, types: { 'o:Order': { base: 'o:Order', content: order } } } } },
      /^xml-schema xml\.orders\.types\.o:Order: The schemas has? a type that extends itself/,
    ],
  ])('%# tells what does not fit', async (parts, expected) => {
    expect(await told(parts)).toContainEqual(expect.stringMatching(expected))
  })

  test('WS-Security is for envelopes only', async () => {
    const get = { summary: 'x', request: 'GET /x', effect: 'read' }
    const credentials = [{ id: 'user', scheme: 'ws-security', settle: {}, help: { link: 'https://acme.example/' } }]
    expect(await told({ credentials, operations: { ...operations, 'thing.get': get } })).toContainEqual(
      expect.stringMatching(/^soap-message credentials\.0\.scheme/),
    )
  })
})

test('a manifest that does not fit fails its calls and nothing else', async () => {
  for (const set of [{}, { prefixes: {}, elements: { 'x:Find': {} } }, { ...orders, elements: {} }]) {
    await using connection = open({ xml: { orders: set } })
    expect(await failureOf(connection.order?.find?.() as never)).toMatchObject({
      kind: 'config',
      code: 'manifest',
      sent: 'none',
    })
  }
  expect(vendor.seen).toEqual([])
})

test('the code of SOAP is loaded by the first SOAP call, and by no other', () => {
  const program = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context) } })
    const { connect } = await import('@patchbay/core')
    const { integration } = await import('@patchbay/api/declarative')
    const manifest = JSON.parse(process.argv[1])
    const transport = { send: async ({ url }) => ({ status: 200, statusText: '', headers: { 'content-type': 'application/json' }, url, body: Buffer.from('{}'), stream: undefined }), close: async () => undefined }
    const connection = connect(integration(manifest), { config: { url: 'https://desk.example' }, transport })
    const parts = () => loaded.filter((url) => /connectors\\/soap\\/(?!message\\/plain-statuses)/.test(url) || /saxes/.test(url)).length
    await connection.thing.get()
    const before = parts()
    await connection.order.find().catch(() => undefined)
    console.log(JSON.stringify([before, parts() > 10]))`
  const get = { summary: 'x', request: 'GET /x', effect: 'read' }
  const given = JSON.stringify(manifest({ operations: { ...operations, 'thing.get': get } }))
  const args = ['--conditions=@patchbay/source', '--input-type=module', '-e', program, given]
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd })
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual([0, true])
})
