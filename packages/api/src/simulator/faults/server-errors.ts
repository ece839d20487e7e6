import { requestCounter, type SimulatedFault } from './fault.ts'

/** Two requests in a row fail at the vendor. */
export const serverErrors: SimulatedFault = {
  id: 'server-errors',
  title: 'a burst of 5xx',
  impossible: () => undefined,
  expectation: () => ({ data: 'complete' }),
  runs(context) {
    const count = requestCounter(context)
    return [
      {
        interference: {
          before(exchange) {
            const number = count(exchange)
            if (number !== 1 && number !== 2) return undefined
            return exchange.errors.answer('unavailable', 'the vendor has a problem', {}, exchange.refusals)
          },
        },
      },
    ]
  },
}
