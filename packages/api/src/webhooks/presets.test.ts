import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fakeClock } from '@patchbay/core/testing'
import { compileVerifier, type WebhookPreset, type WebhookScheme } from '@patchbay/core/webhooks'
import { describe, expect, it } from 'vitest'
import vectors from './fixtures/vectors.json' with { type: 'json' }
import { webhookPresets } from './index.ts'

const presets = Object.entries<WebhookPreset>(webhookPresets)

describe('presets', () => {
  it('are data: they survive a round trip through JSON', () => {
    expect(JSON.parse(JSON.stringify(webhookPresets))).toEqual(webhookPresets)
  })

  it.each(presets)('%s compiles with the right kind of material, and with nothing else', (_, { scheme }) => {
    const keys = {
      ed25519: generateKeyPairSync('ed25519').publicKey,
      'ecdsa-p256-sha256': generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
    }
    const transport = { send: () => Promise.reject(new Error('unused')), close: () => Promise.resolve() }
    const secrets = [`whsec_${Buffer.alloc(32, 5).toString('base64')}`]
    const material =
      scheme.kind === 'asymmetric'
        ? { keys: [keys[scheme.algorithm as keyof typeof keys]] }
        : scheme.kind === 'sns'
          ? { topics: ['arn:aws:sns:us-east-1:1:t'], transport }
          : { secrets }
    const compile = (options: object) => () =>
      compileVerifier(scheme as WebhookScheme, { clock: fakeClock(), ...options })
    expect(compile(material)).not.toThrow()
    expect(compile({})).toThrow('webhook')
  })

  it.each(presets)('%s names headers in lower case and a page by https', (_, { keep = [], documentation }) => {
    for (const name of keep) expect(name).toMatch(/^[a-z0-9-]+$/)
    expect(new URL(documentation).protocol).toBe('https:')
  })

  it('all have a message of the vendor, or one by its page, that is checked', () => {
    const byHand = readFileSync(new URL('./pages.test.ts', import.meta.url), 'utf8')
    const checked = new Set([
      ...vectors.map(({ preset }) => preset),
      ...['stripe', 'svix', 'github'],
      // Core's own tests sign what SNS sends.
      'amazonSns',
      ...[...byHand.matchAll(/^ {2}(\w+): \[/gm)].map(([, name]) => name),
    ])
    expect(presets.map(([name]) => name).filter((name) => !checked.has(name))).toEqual([])
  })
})
