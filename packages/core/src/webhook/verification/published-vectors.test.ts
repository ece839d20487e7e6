import { describe, expect, it } from 'vitest'
import { fakeClock } from '../../testing/index.ts'
import { inbound } from '../fixtures/messages.ts'
import vectors from '../fixtures/published-vectors.json' with { type: 'json' }
import type { LocalScheme } from '../scheme.ts'
import type { HeaderFields, Verdict } from './message.ts'
import { compileVerifier } from './verify.ts'

interface Vector {
  readonly name: string
  readonly scheme: LocalScheme
  readonly signature: string
  readonly secret: string
  readonly at?: number
  readonly url?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

describe.each(vectors as unknown as readonly Vector[])('$name', (vector) => {
  const { signature, scheme } = vector
  const clock = fakeClock((vector.at ?? 1_700_000_000) * 1000)
  const check = (
    change: { headers?: HeaderFields; body?: string; url?: string; secret?: string; maxBodyBytes?: number } = {},
  ): Verdict => {
    const { secret = vector.secret, maxBodyBytes } = change
    const verifier = compileVerifier(scheme, { secrets: [secret], clock, maxBodyBytes })
    const url = change.url ?? vector.url
    const headers = change.headers ?? vector.headers
    return verifier.verify(inbound(change.body ?? vector.body, headers, url === undefined ? {} : { url }))
  }
  const without = (name: string): HeaderFields =>
    Object.fromEntries(Object.entries(vector.headers).filter(([key]) => key !== name))
  const value = vector.headers[signature] as string

  it('is accepted', () => {
    expect(check()).toMatchObject({
      accepted: true,
      key: 0,
      sentAt: vector.at === undefined ? undefined : vector.at * 1000,
    })
  })

  it('is refused with another body', () => {
    expect(check({ body: `${vector.body}0` })).toEqual({ accepted: false, reason: 'bad-signature' })
  })

  it('is refused with another secret', () => {
    expect(check({ secret: `${vector.secret.slice(0, -4)}AAAA` })).toEqual({ accepted: false, reason: 'bad-signature' })
  })

  it('is refused with any single character of the signature changed', () => {
    for (let at = 0; at < value.length; at++) {
      const other = value[at] === 'A' ? 'B' : 'A'
      const verdict = check({
        headers: { ...vector.headers, [signature]: value.slice(0, at) + other + value.slice(at + 1) },
      })
      expect(verdict.accepted, `character ${at}`).toBe(false)
    }
  })

  it('is refused when the signature is cut, extended or blank', () => {
    for (const text of [
      value.slice(0, -1),
      `${value}=`,
      `${value}0`,
      ` ${value}`,
      `${value} x`.trim().slice(0, 3),
      '',
    ]) {
      const verdict = check({ headers: { ...vector.headers, [signature]: text } })
      // A standard webhook may carry further signatures after a blank.
      if (scheme.kind === 'standard-webhooks' && text === ` ${value}`) continue
      expect(verdict.accepted, JSON.stringify(text)).toBe(false)
    }
  })

  it('is refused without a signature, and a polluted prototype supplies none', () => {
    const expected = { accepted: false, reason: 'missing-signature' }
    expect(check({ headers: without(signature) })).toEqual(expected)
    expect(check({ headers: Object.assign(Object.create({ [signature]: value }), without(signature)) })).toEqual(
      expected,
    )
    expect(check({ headers: { ...vector.headers, [signature]: [] } })).toEqual(expected)
  })

  it('is refused when the signature came twice, equal or not, listed or joined', () => {
    const expected = { accepted: false, reason: 'duplicate-field' }
    for (const twice of [[value, value], [value, 'x'], ['x', value], `${value}, ${value}`, `x, ${value}`])
      expect(check({ headers: { ...vector.headers, [signature]: twice } })).toEqual(expected)
    expect(check({ headers: { ...vector.headers, [signature]: [value] } }).accepted).toBe(true)
  })

  it('is refused when the body is above the limit, before anything else is looked at', () => {
    const maxBodyBytes = vector.body.length - 1
    expect(check({ headers: {}, maxBodyBytes })).toEqual({ accepted: false, reason: 'body-too-large' })
    expect(check({ maxBodyBytes: vector.body.length }).accepted).toBe(true)
  })

  if (vector.at !== undefined)
    it('is refused when it is older or newer than five minutes', () => {
      const at = (vector.at ?? 0) * 1000
      for (const [now, reason] of [
        [at + 300_000, undefined],
        [at + 300_001, 'stale-timestamp'],
        [at - 300_000, undefined],
        [at - 300_001, 'early-timestamp'],
      ] as const) {
        clock.set(now)
        expect(check()).toMatchObject(reason === undefined ? { accepted: true } : { accepted: false, reason })
      }
      clock.set(at)
    })

  if (vector.url !== undefined)
    it('is refused with another URL', () => {
      expect(check({ url: `${vector.url}3` })).toEqual({ accepted: false, reason: 'bad-signature' })
    })
})
