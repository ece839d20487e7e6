import type { WebhookPreset } from '@patchbay/core/webhooks'
import { commerce } from './commerce.ts'
import { communication } from './communication.ts'
import { development } from './development.ts'
import { platforms } from './platforms.ts'

/**
 * How vendors sign, repeat and announce their webhooks, as data: `{ ...webhookPresets.github, secrets }` is a source of `webhookInbox`.
 * A vendor that is missing here needs no code: write its preset with the builders of `@patchbay/core/webhooks`. Senders of Standard
 * Webhooks use core's `standardWebhooks`.
 */
export const webhookPresets = {
  ...development,
  ...commerce,
  ...communication,
  ...platforms,
} as const satisfies Readonly<Record<string, WebhookPreset>>
