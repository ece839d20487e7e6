import { systemClock } from '@patchbay/core'
import { compileVerifier, standardWebhooks, type WebhookScheme } from '@patchbay/core/webhooks'
import type { IntegrationManifest } from '../manifest.ts'
import { meant } from '../reading/nearest.ts'
import { faultText } from './fault-text.ts'
import { entriesOf, type Rule } from './rule.ts'

type Webhook = NonNullable<IntegrationManifest['webhooks']>[string]
type Vector = NonNullable<Webhook['vectors']>[number]

type Presets = Readonly<Record<string, { readonly scheme: WebhookScheme }>>

/** Loaded when a manifest has webhooks: most of them are of vendors that it is not about. */
async function presetsFor(webhooks: Readonly<Record<string, Webhook>> | undefined): Promise<Presets> {
  if (Object.values(webhooks ?? {}).every(({ preset }) => preset === undefined)) return {}
  const { webhookPresets } = await import('../../webhooks/webhook-presets.ts')
  return { ...webhookPresets, standardWebhooks }
}

/** How messages are verified; undefined for those that nothing verifies, and where that is not clear. */
function schemeOf({ preset, scheme }: Webhook, presets: Presets): WebhookScheme | undefined {
  if (preset !== undefined && scheme !== undefined) return undefined
  if (preset !== undefined) return Object.hasOwn(presets, preset) ? presets[preset]?.scheme : undefined
  return scheme as WebhookScheme | undefined
}

/** Messages are verified in exactly one way, which core knows. */
export const webhookVerified: Rule = {
  code: 'webhook-verified',
  async check({ webhooks }, report) {
    const presets = await presetsFor(webhooks)
    for (const [name, one] of entriesOf(webhooks)) {
      const at = ['webhooks', name] as const
      const ways = (['preset', 'scheme', 'unsigned'] as const).filter((way) => one[way] !== undefined)
      if (ways.length !== 1) {
        const found = ways.length === 0 ? 'none' : ways.join(' and ')
        report(
          at,
          `A webhook has one of preset, scheme and unsigned, not ${found}.`,
          'Say how the vendor signs its messages.',
        )
      } else if (one.preset !== undefined && !Object.hasOwn(presets, one.preset))
        report(
          [...at, 'preset'],
          `"${one.preset}" is no preset that there is.`,
          meant(one.preset, Object.keys(presets), 'presets'),
        )
    }
  },
}

const secretsOf = (scheme: WebhookScheme, secret: string) =>
  scheme.kind === 'asymmetric' || (scheme.kind === 'jwt' && secret.includes('PUBLIC KEY')) || secret.startsWith('whpk_')
    ? { keys: [secret] }
    : { secrets: [secret] }

async function accepts(scheme: WebhookScheme, vector: Vector, body: Uint8Array, maxBodyBytes: number | undefined) {
  const verifier = compileVerifier(scheme, {
    clock: { ...systemClock, now: () => Date.parse(vector.at) },
    ...secretsOf(scheme, vector.secret),
    maxBodyBytes,
  })
  const headers = Object.fromEntries(entriesOf(vector.headers).map(([name, value]) => [name.toLowerCase(), value]))
  return verifier.verify({
    method: vector.method ?? 'POST',
    url: vector.url ?? 'https://receiver.example/hook',
    headers,
    body,
  })
}

/** Core's verifier accepts each vector, and refuses it when one byte of the body is another. */
export const webhookVectors: Rule = {
  code: 'webhook-vector',
  async check({ webhooks }, report) {
    const presets = await presetsFor(webhooks)
    for (const [name, one] of entriesOf(webhooks)) {
      const scheme = schemeOf(one, presets)
      if (scheme === undefined) continue
      const at = ['webhooks', name] as const
      const own = one.scheme !== undefined
      if (own && (one.vectors ?? []).length === 0)
        report(
          at,
          'A scheme of its own is not proven.',
          "Add a vector: a message that must be accepted, from the vendor's pages or computed.",
        )
      for (const [index, vector] of (one.vectors ?? []).entries()) {
        const path = [...at, 'vectors', index]
        try {
          const body = Buffer.from(vector.body)
          const verdict = await accepts(scheme, vector, body, one.maxBodyBytes)
          if (!verdict.accepted) {
            report(
              path,
              `Core refuses this message: ${verdict.reason}.`,
              'Correct the scheme, or the vector if its source says otherwise.',
            )
            continue
          }
          const other = Buffer.from(body)
          if (other.length > 0) other[other.length - 1] = (other[other.length - 1] ?? 0) ^ 1
          // A shared token says nothing about the body.
          if (
            scheme.kind !== 'shared-token' &&
            other.length > 0 &&
            (await accepts(scheme, vector, other, one.maxBodyBytes)).accepted
          )
            report(path, 'The message is accepted with another body too.', 'Let the scheme sign the body.')
        } catch (error) {
          report(
            [...at, own ? 'scheme' : 'preset'],
            `Core cannot verify with this: ${faultText(error)}.`,
            'Correct the scheme, or the secret of the vector.',
          )
          break
        }
      }
    }
  },
}
