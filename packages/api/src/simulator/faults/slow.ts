import { requestCounter, type SimulatedFault } from './fault.ts'

/** The first answer never comes: the attempt has to be given up, and another one made. */
export const slow: SimulatedFault = {
  id: 'slow',
  title: 'slower than the timeout',
  impossible: () => undefined,
  expectation: () => ({ data: 'complete' }),
  runs(context) {
    const count = requestCounter(context)
    return [
      {
        interference: {
          before: (exchange) => (count(exchange) === 1 ? new Promise<never>(() => undefined) : undefined),
        },
      },
    ]
  },
}
