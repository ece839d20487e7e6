import { VendorLimits } from '../vendor/limits.ts'
import { type FaultContext, type FaultRun, requestCounter, type SimulatedFault } from './fault.ts'

const waitMs = 3000

/** The first request is one too many. `headers`: how the vendor tells of the wait; `atLeastMs`: how long nobody may ask again. */
function limited(
  context: FaultContext,
  variant: string,
  headers: Readonly<Record<string, string>>,
  atLeastMs: number,
): FaultRun {
  const count = requestCounter(context)
  const { clock } = context
  let refusedAt: number | undefined
  let cameAfter: number | undefined
  return {
    variant,
    interference: {
      before(exchange) {
        const number = count(exchange)
        if (number === 2 && refusedAt !== undefined) cameAfter = clock.now() - refusedAt
        if (number !== 1) return undefined
        refusedAt = clock.now()
        return exchange.errors.answer('rate-limited', 'too many requests', headers, exchange.refusals)
      },
    },
    problem: () =>
      cameAfter !== undefined && cameAfter < atLeastMs
        ? `the vendor said in ${variant} to wait ${atLeastMs} ms and was asked again after ${cameAfter} ms: is its unit right in limits?`
        : undefined,
  }
}

/** 429, with the wait told in each of the ways that the manifest declares, one after the other. */
export const rateLimited: SimulatedFault = {
  id: 'rate-limited',
  title: '429 in each header that the manifest names',
  impossible: () => undefined,
  expectation: () => ({ data: 'complete' }),
  runs(context) {
    const styles = new VendorLimits(context.manifest.limits, context.clock).styles(waitMs)
    return styles.map(([name, headers]) => limited(context, name, headers, waitMs))
  },
}

/** 429, and not a word about how long. */
export const rateLimitedBare: SimulatedFault = {
  id: 'rate-limited-bare',
  title: '429 without a header',
  impossible: () => undefined,
  expectation: () => ({ data: 'complete' }),
  runs: (context) => [limited(context, 'no header', {}, 0)],
}
