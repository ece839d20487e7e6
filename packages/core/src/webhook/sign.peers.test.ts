import { expect, test } from 'vitest'
import { describeWithPython } from '../../../../tools/peers/suite.ts'
import { systemClock } from '../clock.ts'
import { seededRandom } from '../testing/time/seeded-random.ts'
import { inbound } from './fixtures/messages.ts'
import { compileSigner, newWebhookKeyPair, newWebhookSecret, type SignedHeaders } from './sign.ts'
import { compileVerifier } from './verification/verify.ts'

type Headers = Readonly<Record<string, string>>

const random = seededRandom('webhook peers')
const bodies = [
  '{"id":"evt_1"}',
  '{ "id" : "evt_2",\r\n "name": "Zoë 🦜 \\u00e9" }\n',
  `{"id":"evt_3","long":"${'x'.repeat(20_000)}"}`,
  '{"id":"evt_4","dots":"a.b.c"}',
]
const secrets = bodies.map(() => newWebhookSecret(random).reveal())
const pairs = bodies.map(() => newWebhookKeyPair(random))
const messages = bodies.map((body, index) => ({ id: `msg_${index}`, body, secret: secrets[index] as string }))
const flipped = (body: string): string => body.replace('evt', 'evu')

const verdict = (keys: { secrets?: string[]; keys?: string[] }, body: string, headers: Headers) =>
  compileVerifier({ kind: 'standard-webhooks' }, { ...keys, clock: systemClock }).verify(inbound(body, headers))

describeWithPython('Standard Webhooks', new URL('./fixtures/webhook-peer.py', import.meta.url), (ask) => {
  const verdicts = (task: string, signed: (index: number) => SignedHeaders) =>
    ask<boolean[]>({
      task,
      messages: messages.flatMap((message, index) => {
        const publicKey = pairs[index]?.publicKey
        const headers = signed(index)
        const whole = { ...message, publicKey, headers }
        const late = { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) }
        return [whole, { ...whole, body: flipped(message.body) }, { ...whole, headers: late }]
      }),
    })
  const sign = (index: number, keys: string[]): SignedHeaders => {
    const { id, body } = messages[index] as (typeof messages)[number]
    return compileSigner(keys)({ id, sentAt: systemClock.now(), body })
  }
  const expected = messages.flatMap(() => [true, false, false])

  test('standardwebhooks verifies our v1, alone and beside others during a rotation', async () => {
    expect(await verdicts('verify_standard', (index) => sign(index, [secrets[index] as string]))).toEqual(expected)
    const rotating = (index: number): SignedHeaders =>
      sign(index, [
        newWebhookSecret(random).reveal(),
        pairs[index]?.signing.reveal() as string,
        secrets[index] as string,
      ])
    expect(await verdicts('verify_standard', rotating)).toEqual(expected)
    const foreign = await verdicts('verify_standard', (index) => sign(index, [newWebhookSecret(random).reveal()]))
    expect(foreign).toEqual(expected.map(() => false))
  })

  test('cryptography verifies our v1a, Ed25519 over the same content', async () => {
    const signed = (index: number): SignedHeaders => sign(index, [pairs[index]?.signing.reveal() as string])
    expect(await verdicts('verify_ed25519', signed)).toEqual(expected)
  })

  test.each(['sign_standard', 'sign_ed25519'])(
    'we verify what %s makes, and refuse an altered body and another key',
    async (task) => {
      const symmetric = task === 'sign_standard'
      const asked = messages.map((message, index) =>
        symmetric ? message : { ...message, secret: pairs[index]?.signing.reveal() as string },
      )
      const signed = await ask<Headers[]>({ task, messages: asked })
      for (const [index, { id, body, secret }] of messages.entries()) {
        const headers = signed[index] as Headers
        const own = symmetric ? { secrets: [secret] } : { keys: [pairs[index]?.publicKey as string] }
        const other = symmetric
          ? { secrets: [secrets.at(index - 1) as string] }
          : { keys: [newWebhookKeyPair(random).publicKey] }
        expect(verdict(own, body, headers)).toMatchObject({ accepted: true, messageId: id })
        expect(verdict(own, flipped(body), headers)).toMatchObject({ accepted: false })
        expect(verdict(other, body, headers)).toMatchObject({ accepted: false })
      }
    },
  )
})
