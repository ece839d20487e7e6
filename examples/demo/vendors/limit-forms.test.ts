import { rateReader } from '@patchbay/core/http'
import { expect, it } from 'vitest'
import { type LimitForm, writeLimit } from './limit-forms.ts'

const forms: readonly LimitForm[] = [
  'retry-after-seconds',
  'retry-after-date',
  'retry-after-ms',
  'forbidden-reset-epoch',
  'forbidden-retry-after',
  'reset-iso-date',
  'ratelimit-field',
  'ratelimit-triple',
]

it.each(forms)('%s tells how long to wait, and core reads it', (form) => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0, 345)
  const { until, status, headers } = writeLimit(form, now)
  const told = rateReader()({ status, headers }, now).find(({ retryAfterMs }) => retryAfterMs !== undefined)
  const waitMs = told?.retryAfterMs ?? 0
  expect(now + waitMs).toBeGreaterThanOrEqual(until)
  expect(waitMs).toBeLessThanOrEqual(2000)
  // 503 with Retry-After says that the vendor is down, not that a limit was passed.
  expect(told?.limited === true).toBe(status !== 503)
})

it('tells a refusal that lasts once more, with what is left of it', () => {
  const { headers } = writeLimit('retry-after-ms', 10_000, 10_150)
  expect(headers['retry-after-ms']).toBe('150')
})
