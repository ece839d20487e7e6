import { type APICheck, bare, callsOf, openBench, ready, specOf } from './api-subject.ts'
import { demand, failureOf } from './demand.ts'

/** How many requests a connector sends, and with what. */
export const requestChecks: readonly APICheck[] = [
  {
    name: 'one call is one request',
    effect: 'read',
    needs: [],
    async run(subject) {
      for (const { name, run, answer } of callsOf(subject)) {
        await using bench = await openBench(subject)
        bench.server.answer = answer
        await ready(bench)
        await run(bench.connection, {})
        demand(bench.server.requests.length === 1, `${name} sent ${bench.server.requests.length} requests`)
      }
    },
  },
  {
    name: 'nothing below the policies tries again',
    effect: 'read',
    needs: [],
    async run(subject) {
      for (const { name, run } of callsOf(subject)) {
        await using bench = await openBench(subject)
        await ready(bench)
        bench.server.answer = () => ({ status: 503, json: {} })
        await failureOf(name, run(bench.connection, {}))
        demand(
          bench.server.requests.length === 1,
          `${name} sent ${bench.server.requests.length} requests for one attempt`,
        )
      }
    },
  },
  {
    name: 'what may be repeated is tried again, and nothing else',
    effect: 'read',
    needs: [],
    async run(subject) {
      for (const { name, run } of callsOf(subject)) {
        const { effect, idempotency } = specOf(subject, name)
        const expected = effect !== 'write' || idempotency === 'vendor-key' ? 3 : 1
        await using bench = await openBench(subject, { policies: { ...bare, retry: { attempts: 3, baseMs: 1 } } })
        await ready(bench)
        bench.server.answer = () => ({ status: 503, json: {} })
        await failureOf(name, run(bench.connection, {}))
        const { length } = bench.server.requests
        demand(length === expected, `${name} (${effect}) sent ${length} requests instead of ${expected}`)
      }
    },
  },
  {
    name: 'the client has its faces, with the same credential',
    effect: 'read',
    needs: [],
    async run(subject) {
      await using bench = await openBench(subject)
      await ready(bench)
      bench.server.answer = () => ({ json: { through: 'axios' } })
      const client = (await bench.connection.$raw()) as Partial<import('../contract.ts').APIClient> | undefined
      demand(typeof client?.http?.send === 'function', '$raw() gives no client with http.send')
      demand(typeof client?.axios === 'function', '$raw() gives no client with axios()')
      const axios = await client?.axios?.()
      const answer = await axios?.get('')
      demand(answer?.data?.through === 'axios', 'axios() gives no axios instance that reaches the vendor')
      const sent = JSON.stringify(bench.server.requests.map(({ headers, query }) => [headers, [...query]]))
      const carried = subject.secrets.some(
        (secret) => sent.includes(secret) || sent.includes(encodeURIComponent(secret)),
      )
      demand(subject.secrets.length === 0 || carried, 'axios() sent a request without the credential')
    },
  },
]
