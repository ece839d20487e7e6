import type { PolicyOptions } from '@patchbay/core'

/**
 * The defaults are made for vendors that fail for minutes. These vendors fail often and for moments, so breaks and backoffs are short,
 * and the budget of retries is larger.
 */
export const policies: PolicyOptions = {
  deadline: { timeoutMs: 30_000 },
  attemptTimeout: { timeoutMs: 5000 },
  retry: {
    attempts: 8,
    baseMs: 50,
    maxDelayMs: 1000,
    baseMsByKind: { 'rate-limited': 50 },
    budget: { ratio: 0.5, reserve: 40 },
  },
  breaker: { window: { calls: 6 }, minimumCalls: 6, failureRatio: 0.5, breakMs: 300, probes: 1, slowStart: 0 },
  // The vendors of the demo have higher limits than the real ones; their answers tell them.
  throttle: { limits: [{ units: 60_000, perMs: 60_000 }] },
}
