import { connect, defineConnector, operation, type PolicyOptions, unchecked } from '@patchbay/core'
import {
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  retry,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel'

/** What every stack wraps. */
const noop = async (): Promise<number> => 1

export type Stack = () => Promise<unknown>

/** The bare callee. */
export const bare: Stack = noop

/** cockatiel with the defaults of its documentation: three retries, breaker, bulkhead, timeout. */
export function cockatielStack(): Stack {
  const policy = wrap(
    retry(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff() }),
    circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) }),
    bulkhead(100, 1000),
    timeout(10_000, TimeoutStrategy.Cooperative),
  )
  return () => policy.execute(noop)
}

const connector = defineConnector({
  contract: 1,
  manifest: {
    id: 'bench/noop',
    title: 'Noop',
    summary: 'Does nothing.',
    version: '1.0.0',
    // So that the throttle counts each call, and never has to wait.
    limits: [{ units: 1_000_000_000, perMs: 1000 }],
    concurrency: 100,
  },
  config: unchecked<object>(),
  credentials: [],
  operations: {
    'thing.get': operation(
      { name: 'thing.get', effect: 'read', input: unchecked<undefined>(), output: unchecked<number>() },
      noop,
    ),
    'thing.look': operation(
      { name: 'thing.look', effect: 'read', input: unchecked<undefined>(), output: unchecked<number>() },
      async (_client: object, _input, call) => (call.signal.aborted ? 0 : 1),
    ),
  },
  open: async (config) => config,
})

/** All policies that are on by default, throttle and bulkhead with limits. */
export function patchbayStack(policies: PolicyOptions = {}): Stack {
  const connection = connect(connector, { config: {}, policies })
  return () => connection.thing.get()
}

/** The same, with an operation that reads the call's signal. */
export function patchbaySignalStack(): Stack {
  const connection = connect(connector, { config: {} })
  return () => connection.thing.look()
}

export async function repeat(stack: Stack, times: number): Promise<void> {
  for (let index = 0; index < times; index++) await stack()
}
