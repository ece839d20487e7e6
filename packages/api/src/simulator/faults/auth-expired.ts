import { renews, requestCounter, type SimulatedFault } from './fault.ts'

/** Tokens and sessions end between two pages; a key that nobody can renew is withdrawn there. */
export const authExpired: SimulatedFault = {
  id: 'auth-expired',
  title: 'the credential ends in the middle of a list',
  impossible: ({ manifest, credential }) =>
    manifest.credentials.find(({ id }) => id === credential)?.scheme === 'none' ? 'there is no credential' : undefined,
  expectation: (context) => (renews(context) ? { data: 'complete' } : { error: ['credential'] }),
  runs(context) {
    const count = requestCounter(context)
    const at = context.plan.operation.list === undefined || context.plan.pagination?.kind === 'none' ? 1 : 2
    const renewable = renews(context)
    return [
      {
        interference: {
          before(exchange) {
            const number = count(exchange)
            if (renewable && number === at) context.simulator.expireTokens()
            if (renewable || number < at) return undefined
            return exchange.errors.answer('credential', 'the credential was withdrawn', {}, exchange.refusals)
          },
        },
      },
    ]
  },
}
