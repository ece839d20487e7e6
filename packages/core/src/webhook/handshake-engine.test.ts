import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { fakeClock } from '../testing/index.ts'
import { inbound } from './fixtures/messages.ts'
import { compileHandshakes, type HandshakeOptions } from './handshake-engine.ts'
import { webhookPresets } from './presets/index.ts'
import type { WebhookPreset } from './presets/preset.ts'

type Name = keyof typeof webhookPresets
const clock = fakeClock()

async function answer(
  name: Name,
  stage: 'before' | 'after',
  message: Parameters<typeof inbound>,
  options: Omit<HandshakeOptions, 'clock'> = {},
) {
  const { handshakes = [] } = webhookPresets[name] as WebhookPreset
  return await compileHandshakes(handshakes, { clock, ...options })(inbound(...message), stage === 'after')
}

describe('handshakes', () => {
  it('Slack gives the challenge back, after verification only', async () => {
    const body = '{"type":"url_verification","challenge":"3eZbrw1aB"}'
    expect(await answer('slack', 'after', [body, {}])).toEqual({
      status: 200,
      contentType: 'text/plain; charset=utf-8',
      body: '3eZbrw1aB',
    })
    expect(await answer('slack', 'before', [body, {}])).toBeUndefined()
    expect(await answer('slack', 'after', ['{"type":"event_callback","challenge":"x"}', {}])).toBeUndefined()
  })

  it('GitHub ping is answered and not stored', async () => {
    expect(await answer('github', 'after', ['{}', { 'x-github-event': 'ping' }])).toMatchObject({
      status: 200,
      body: '',
    })
    expect(await answer('github', 'after', ['{}', { 'x-github-event': 'push' }])).toBeUndefined()
  })

  it('Microsoft Graph gets its token back as plain text', async () => {
    const url = 'https://h.example/in?validationToken=Validation%3A%20Testing%20%3Cb%3E'
    expect(await answer('microsoftGraph', 'before', ['', {}, { url }])).toEqual({
      status: 200,
      contentType: 'text/plain; charset=utf-8',
      body: 'Validation: Testing <b>',
    })
    expect(await answer('microsoftGraph', 'before', ['', {}, { url, method: 'GET' }])).toBeUndefined()
    const long = `https://h.example/in?validationToken=${'x'.repeat(3000)}`
    expect(await answer('microsoftGraph', 'before', ['', {}, { url: long }])).toMatchObject({ status: 400, body: '' })
    const control = 'https://h.example/in?validationToken=a%0d%0ab'
    expect(await answer('microsoftGraph', 'before', ['', {}, { url: control }])).toMatchObject({
      status: 400,
      body: '',
    })
  })

  it('Meta gets its challenge back for the right verify token only', async () => {
    const url = 'https://h.example/in?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock'
    const get = { url, method: 'GET' }
    expect(await answer('meta', 'before', ['', {}, get], { handshakeToken: 'meatyhamhock' })).toMatchObject({
      status: 200,
      body: '1158201444',
    })
    expect(await answer('meta', 'before', ['', {}, get], { handshakeToken: 'other' })).toMatchObject({
      status: 403,
      body: '',
    })
    expect(await answer('meta', 'before', ['', {}, get])).toMatchObject({ status: 403, body: '' })
  })

  it('Zoom gets an HMAC of its token, Okta JSON, Dropbox text, Discord a pong', async () => {
    const zoom = '{"event":"endpoint.url_validation","payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}'
    const encryptedToken = createHmac('sha256', 'k').update('qgg8vlvZRS6UYooatFL8Aw').digest('hex')
    expect(JSON.parse((await answer('zoom', 'after', [zoom, {}], { secrets: ['k'] }))?.body ?? '')).toEqual({
      plainToken: 'qgg8vlvZRS6UYooatFL8Aw',
      encryptedToken,
    })
    const okta = { 'x-okta-verification-challenge': 'abc' }
    expect(await answer('okta', 'after', ['', okta, { method: 'GET' }])).toMatchObject({
      contentType: 'application/json',
      body: '{"verification":"abc"}',
    })
    const url = 'https://h.example/in?challenge=abc'
    expect(await answer('dropbox', 'before', ['', {}, { url, method: 'GET' }])).toMatchObject({ body: 'abc' })
    expect(await answer('discord', 'after', ['{"type":1}', {}])).toMatchObject({ body: '{"type":1}' })
    expect(await answer('discord', 'after', ['{"type":2}', {}])).toBeUndefined()
  })
})
