import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { fakeClock } from '../testing/index.ts'
import { inbound } from './fixtures/messages.ts'
import { namelessSource, signedSource, tokenSource } from './fixtures/sources.ts'
import type { Handshake } from './handshake.ts'
import { compileHandshakes, type HandshakeOptions } from './handshake-engine.ts'
import { body, query } from './preset.ts'

const clock = fakeClock()

async function answer(
  handshakes: readonly Handshake[] | undefined,
  stage: 'before' | 'after',
  message: Parameters<typeof inbound>,
  options: Omit<HandshakeOptions, 'clock'> = {},
) {
  return await compileHandshakes(handshakes ?? [], { clock, ...options })(inbound(...message), stage === 'after')
}

const verified = (when: Handshake['when'], answer: Handshake['answer']): readonly Handshake[] => [
  { method: 'POST', verified: true, when, answer },
]

describe('handshakes', () => {
  it('that are signed are answered after verification only', async () => {
    const challenge = verified([{ field: body('type'), equals: 'url_check' }], {
      kind: 'echo',
      field: body('challenge'),
      as: 'text',
    })
    const message = '{"type":"url_check","challenge":"3eZbrw1aB"}'
    expect(await answer(challenge, 'after', [message, {}])).toEqual({
      status: 200,
      contentType: 'text/plain; charset=utf-8',
      body: '3eZbrw1aB',
    })
    expect(await answer(challenge, 'before', [message, {}])).toBeUndefined()
    expect(await answer(challenge, 'after', ['{"type":"event","challenge":"x"}', {}])).toBeUndefined()
  })

  it('answer with nothing, and leave other messages alone', async () => {
    const { handshakes } = signedSource
    expect(await answer(handshakes, 'after', ['{}', { 'x-event': 'ping' }])).toMatchObject({ status: 200, body: '' })
    expect(await answer(handshakes, 'after', ['{}', { 'x-event': 'push' }])).toBeUndefined()
  })

  it('give back short plain text only', async () => {
    const { handshakes } = namelessSource
    const get = (value: string) => ({ method: 'GET', url: `https://h.example/in?challenge=${value}` })
    expect(await answer(handshakes, 'before', ['', {}, get('Validation%3A%20Testing%20%3Cb%3E')])).toEqual({
      status: 200,
      contentType: 'text/plain; charset=utf-8',
      body: 'Validation: Testing <b>',
    })
    expect(await answer(handshakes, 'before', ['', {}, { ...get('a'), method: 'POST' }])).toBeUndefined()
    for (const bad of ['x'.repeat(3000), 'a%0d%0ab', '%C3%A9'])
      expect(await answer(handshakes, 'before', ['', {}, get(bad)])).toMatchObject({ status: 400, body: '' })
  })

  it('with a token are answered for the right one only', async () => {
    const handshakes: readonly Handshake[] = [
      {
        method: 'GET',
        verified: false,
        when: [{ field: query('mode'), equals: 'subscribe' }],
        token: query('token'),
        answer: { kind: 'echo', field: query('challenge'), as: 'text' },
      },
    ]
    const message: Parameters<typeof inbound> = [
      '',
      {},
      { method: 'GET', url: 'https://h.example/in?mode=subscribe&challenge=1158201444&token=meatyhamhock' },
    ]
    expect(await answer(handshakes, 'before', message, { handshakeToken: 'meatyhamhock' })).toMatchObject({
      status: 200,
      body: '1158201444',
    })
    const refused = { status: 403, body: '' }
    expect(await answer(handshakes, 'before', message, { handshakeToken: 'other' })).toMatchObject(refused)
    expect(await answer(handshakes, 'before', message)).toMatchObject(refused)
  })

  it('answer with an HMAC, a JSON member, or fixed JSON', async () => {
    const hmac = verified([{ field: body('event'), equals: 'validate' }], {
      kind: 'hmac-echo',
      field: body('payload.plain'),
      plain: 'plain',
      hmac: 'digest',
    })
    const digest = createHmac('sha256', 'k').update('qgg8vlvZRS6UYooatFL8Aw').digest('hex')
    const message = '{"event":"validate","payload":{"plain":"qgg8vlvZRS6UYooatFL8Aw"}}'
    expect(JSON.parse((await answer(hmac, 'after', [message, {}], { secrets: ['k'] }))?.body ?? '')).toEqual({
      plain: 'qgg8vlvZRS6UYooatFL8Aw',
      digest,
    })
    const challenge = { 'x-challenge': 'abc' }
    expect(await answer(tokenSource.handshakes, 'after', ['', challenge, { method: 'GET' }])).toMatchObject({
      contentType: 'application/json',
      body: '{"verification":"abc"}',
    })
    const pong = verified([{ field: body('type'), equals: '1' }], { kind: 'json', value: { type: 1 } })
    expect(await answer(pong, 'after', ['{"type":1}', {}])).toMatchObject({ body: '{"type":1}' })
    expect(await answer(pong, 'after', ['{"type":2}', {}])).toBeUndefined()
  })

  it('sign nothing for strangers, who would forge messages with it', () => {
    const oracle: Handshake = {
      method: 'GET',
      verified: false,
      when: [{ field: query('crc_token') }],
      answer: { kind: 'hmac-echo', field: query('crc_token'), plain: 'plain', hmac: 'hmac' },
    }
    expect(() => compileHandshakes([oracle], { clock, secrets: ['secret'] })).toThrow('must be verified first')
  })
})
