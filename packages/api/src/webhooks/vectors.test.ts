import { fakeClock } from '@patchbay/core/testing'
import { compileVerifier, type HeaderFields, type Verdict, type WebhookScheme } from '@patchbay/core/webhooks'
import { describe, expect, it } from 'vitest'
import { inbound } from './fixtures/messages.ts'
import vectors from './fixtures/vectors.json' with { type: 'json' }
import { googlePubSub, webhookPresets } from './index.ts'

/** `source` is the vendor's page, or the vendor's library that accepted this message and refused it with one more blank at its end. */
interface Vector {
  readonly name: string
  readonly preset: keyof typeof webhookPresets | 'googlePubSub'
  readonly secret?: string
  /** Public key, for signatures that are no HMAC. */
  readonly key?: string
  readonly at?: number
  readonly url?: string
  readonly messageId?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const pubSub = { audience: 'https://hooks.example.com/push', serviceAccount: 'push@project.iam.gserviceaccount.com' }
const schemeOf = (name: Vector['preset']): WebhookScheme =>
  name === 'googlePubSub' ? googlePubSub(pubSub).scheme : webhookPresets[name].scheme

/** The header that carries the signature. */
function signatureOf(scheme: WebhookScheme): string {
  const field = scheme.kind === 'jwt' ? scheme.token : 'signature' in scheme ? scheme.signature : undefined
  if (field?.from !== 'header' && field?.from !== 'header-pair') throw new Error('no header carries the signature')
  return field.name
}

describe.each(vectors as unknown as readonly Vector[])('$preset: $name', (vector) => {
  const scheme = schemeOf(vector.preset)
  const signature = signatureOf(scheme)
  const clock = fakeClock((vector.at ?? 1_700_000_000) * 1000)
  const check = async (
    change: { headers?: HeaderFields; body?: string; url?: string; secret?: string } = {},
  ): Promise<Verdict> => {
    const secret = change.secret ?? vector.secret
    const verifier = compileVerifier(scheme, {
      clock,
      ...(secret === undefined ? {} : { secrets: [secret] }),
      ...(vector.key === undefined ? {} : { keys: [vector.key] }),
    })
    return verifier.verify(
      inbound(change.body ?? vector.body, change.headers ?? vector.headers, change.url ?? vector.url),
    )
  }
  const value = vector.headers[signature] as string

  it('is accepted', async () => {
    expect(await check()).toMatchObject({ accepted: true, key: 0, messageId: vector.messageId })
  })

  it('is refused with any single character of the signature changed', async () => {
    for (let at = 0; at < value.length; at++) {
      const changed = value.slice(0, at) + (value[at] === '0' ? '1' : '0') + value.slice(at + 1)
      const verdict = await check({ headers: { ...vector.headers, [signature]: changed } })
      expect(verdict.accepted, `character ${at}`).toBe(false)
    }
  })

  it('is refused without its signature', async () => {
    const headers = Object.fromEntries(Object.entries(vector.headers).filter(([name]) => name !== signature))
    expect(await check({ headers })).toEqual({ accepted: false, reason: 'missing-signature' })
  })

  // A token says nothing about the body.
  if (scheme.kind !== 'jwt')
    it('is refused with another body', async () => {
      const hashed = new URL(vector.url ?? 'https://h.example').searchParams.has('bodySHA256')
      const reason = hashed ? 'body-mismatch' : 'bad-signature'
      expect(await check({ body: vector.body.replace(/[a-z]/, 'A') })).toEqual({ accepted: false, reason })
    })

  if (vector.secret !== undefined)
    it('is refused with another secret', async () => {
      expect(await check({ secret: `${vector.secret}A` })).toEqual({ accepted: false, reason: 'bad-signature' })
    })

  const { url } = vector
  if (url !== undefined)
    it('is refused with another URL', async () => {
      const other = url.replace(/\/\/[a-z]+/, '//other')
      expect(await check({ url: other })).toEqual({ accepted: false, reason: 'bad-signature' })
    })

  if (vector.at !== undefined && scheme.kind !== 'jwt')
    it('is refused when it is older or newer than five minutes', async () => {
      const at = (vector.at ?? 0) * 1000
      for (const [now, reason] of [
        [at + 300_001, 'stale-timestamp'],
        [at - 300_001, 'early-timestamp'],
      ] as const) {
        clock.set(now)
        expect(await check()).toEqual({ accepted: false, reason })
      }
      clock.set(at)
    })
})

describe('Google Cloud Pub/Sub', () => {
  const [vector] = (vectors as unknown as readonly Vector[]).filter(({ preset }) => preset === 'googlePubSub')
  const check = async (settings: Partial<typeof pubSub>) => {
    const clock = fakeClock((vector?.at ?? 0) * 1000)
    const { scheme } = googlePubSub({ ...pubSub, ...settings })
    return compileVerifier(scheme, { clock, keys: [vector?.key ?? ''] }).verify(inbound('{}', vector?.headers ?? {}))
  }

  it('takes no token that Google made for somebody else', async () => {
    expect(await check({})).toMatchObject({ accepted: true })
    for (const settings of [
      { audience: 'https://other.example.com' },
      { audience: '' },
      { serviceAccount: 'mallory@gmail.com' },
      { serviceAccount: '' },
      { audience: undefined as never, serviceAccount: undefined as never },
    ])
      expect(await check(settings), JSON.stringify(settings)).toEqual({ accepted: false, reason: 'refused-claims' })
  })
})
