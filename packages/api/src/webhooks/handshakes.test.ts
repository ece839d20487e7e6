import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { sqliteStore } from '@patchbay/core/stores/sqlite'
import { fakeClock } from '@patchbay/core/testing'
import { type WebhookSourceOptions, webhookInbox } from '@patchbay/core/webhooks'
import { describe, expect, it } from 'vitest'
import { webhookPresets } from './index.ts'

const at = 1_760_000_000
const secret = 'zoom secret'
const hmac = (text: string, encoding: 'hex' | 'base64' = 'hex') =>
  createHmac('sha256', secret).update(text).digest(encoding)

/** Sends requests to an inbox with one source; gives the answers, and the bodies that became messages. */
async function exchange(source: WebhookSourceOptions, ...requests: readonly [url: string, init: RequestInit][]) {
  const clock = fakeClock(at * 1000)
  const store = sqliteStore({ file: ':memory:' })
  const inbox = webhookInbox({ store, clock, sources: { vendor: source } })
  const answers: { status: number; type: string | null; text: string }[] = []
  for (const [url, init] of requests) {
    const response = await inbox.handler('vendor')(new Request(new URL(url, 'https://hooks.example.com'), init))
    answers.push({
      status: response.status,
      type: response.headers.get('content-type'),
      text: await response.text(),
    })
  }
  const messages: string[] = []
  const processor = inbox.process('vendor', ({ body }) => void messages.push(Buffer.from(body).toString()))
  await processor.idle()
  await processor.stop()
  await store.close()
  return { answers, messages }
}

const post = (body: string, headers: Record<string, string>): [string, RequestInit] => [
  '/in',
  { method: 'POST', body, headers },
]

describe('handshakes', () => {
  it('Slack gets its challenge back, when it signed it', async () => {
    const body = '{"type":"url_verification","challenge":"3eZbrw1aB"}'
    const headers = { 'x-slack-request-timestamp': String(at), 'x-slack-signature': `v0=${hmac(`v0:${at}:${body}`)}` }
    const { answers, messages } = await exchange(
      { ...webhookPresets.slack, secrets: [secret] },
      post(body, headers),
      post(body, { ...headers, 'x-slack-signature': `v0=${'0'.repeat(64)}` }),
    )
    expect(answers).toMatchObject([
      { status: 200, text: '3eZbrw1aB' },
      { status: 401, text: '' },
    ])
    expect(messages).toEqual([])
  })

  it('Zoom gets what its own library answers', async () => {
    const body = '{"event":"endpoint.url_validation","payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}'
    const headers = { 'x-zm-request-timestamp': String(at), 'x-zm-signature': `v0=${hmac(`v0:${at}:${body}`)}` }
    const { answers } = await exchange({ ...webhookPresets.zoom, secrets: [secret] }, post(body, headers))
    expect(JSON.parse(answers[0]?.text ?? '')).toEqual({
      plainToken: 'qgg8vlvZRS6UYooatFL8Aw',
      encryptedToken: '33c87763eeee7760422d82e566d46fe8b5eaca6c3da5abf7923e6e8765c76a26',
    })
  })

  it('Discord gets a pong for the ping of interactions; an event that looks like one is kept', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const signed = (body: string) =>
      post(body, {
        'x-signature-timestamp': String(at),
        'x-signature-ed25519': sign(null, Buffer.from(`${at}${body}`), privateKey).toString('hex'),
      })
    const event = '{"version":1,"application_id":"1","type":1,"event":{"type":"ENTITLEMENT_CREATE"}}'
    const { answers, messages } = await exchange(
      { ...webhookPresets.discord, keys: [publicKey] },
      signed('{"id":"7","application_id":"1","type":1,"token":"t","version":1}'),
      signed(event),
    )
    expect(answers).toMatchObject([
      { text: '{"type":1}', type: 'application/json' },
      { status: 200, text: '' },
    ])
    expect(messages).toEqual([event])
  })

  it('GitHub may ping', async () => {
    const headers = { 'x-hub-signature-256': `sha256=${hmac('{}')}`, 'x-github-event': 'ping' }
    const { answers, messages } = await exchange({ ...webhookPresets.github, secrets: [secret] }, post('{}', headers))
    expect([answers[0]?.status, messages]).toEqual([200, []])
  })

  it('Okta gets JSON, when it showed the secret', async () => {
    const challenge = { 'x-okta-verification-challenge': 'abc' }
    const { answers } = await exchange(
      { ...webhookPresets.okta, secrets: [secret] },
      ['/in', { headers: { ...challenge, authorization: secret } }],
      ['/in', { headers: challenge }],
    )
    expect(answers).toMatchObject([{ status: 200, text: '{"verification":"abc"}' }, { status: 401 }])
  })

  it('Meta gets its challenge back for the right verify token only', async () => {
    const url = '/in?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token='
    const { answers } = await exchange(
      { ...webhookPresets.meta, secrets: [secret], handshakeToken: 'meatyhamhock' },
      [`${url}meatyhamhock`, {}],
      [`${url}other`, {}],
    )
    expect(answers).toMatchObject([
      { status: 200, text: '1158201444' },
      { status: 403, text: '' },
    ])
  })

  it('Dropbox and Microsoft Graph get their text back', async () => {
    const dropbox = await exchange({ ...webhookPresets.dropbox, secrets: [secret] }, ['/in?challenge=abc', {}])
    expect(dropbox.answers).toMatchObject([{ status: 200, type: 'text/plain; charset=utf-8', text: 'abc' }])
    const graph = await exchange({ ...webhookPresets.microsoftGraph, secrets: [secret] }, [
      '/in?validationToken=Validation%3A%20Testing%20%3Cb%3E',
      { method: 'POST', headers: { 'content-type': 'text/plain' } },
    ])
    expect(graph.answers).toMatchObject([{ status: 200, text: 'Validation: Testing <b>' }])
  })

  it('WooCommerce may ping without a signature, and nothing is kept of it', async () => {
    const { answers, messages } = await exchange(
      { ...webhookPresets.woocommerce, secrets: [secret] },
      post('webhook_id=7', { 'content-type': 'application/x-www-form-urlencoded' }),
      post('webhook_id=7', { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }),
      post('{"id":7}', { 'content-type': 'application/json' }),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 401])
    expect(messages).toEqual([])
  })
})

describe('messages that are rightly equal', () => {
  it.each([
    ['dropbox', '{"list_folder":{"accounts":["dbid:7"]}}', { 'x-dropbox-signature': 'hex' }],
    // Both with the id that WooCommerce gives to what it delivers in one second.
    ['woocommerce', '{"id":5}', { 'x-wc-webhook-signature': 'base64', 'x-wc-webhook-delivery-id': 'd' }],
  ] as const)('%s: none is lost', async (name, body, names) => {
    const headers = Object.fromEntries(
      Object.entries(names).map(([header, value]) => [
        header,
        value === 'hex' || value === 'base64' ? hmac(body, value) : value,
      ]),
    )
    const { messages } = await exchange(
      { ...webhookPresets[name], secrets: [secret] },
      post(body, headers),
      post(body, headers),
    )
    expect(messages).toEqual([body, body])
  })
})
