import { commerce } from './commerce.ts'
import { communication } from './communication.ts'
import { development } from './development.ts'
import { platforms } from './platforms.ts'
import type { WebhookPreset } from './preset.ts'
import { standards } from './standards.ts'

/** Vendors whose schemes are published, as data. A vendor that is missing here needs no code: write its scheme the same way. */
export const webhookPresets = {
  ...standards,
  ...development,
  ...commerce,
  ...communication,
  ...platforms,
} as const satisfies Readonly<Record<string, WebhookPreset>>
