import { inspect } from 'node:util'
import { type ErrorKind, isPatchbayError } from '@patchbay/core'
import type { FakeReply } from '@patchbay/core/testing'
import { type APICheck, type APISubject, callsOf, openBench, ready } from './api-subject.ts'
import { demand, failureOf } from './demand.ts'

const usualKinds: Readonly<Record<number, ErrorKind>> = {
  400: 'invalid-input',
  401: 'credential',
  403: 'permission',
  404: 'not-found',
  409: 'conflict',
  422: 'invalid-input',
  429: 'rate-limited',
  500: 'unavailable',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
}

export const errorChecks: readonly APICheck[] = [
  {
    name: 'statuses are typed errors',
    effect: 'read',
    needs: [],
    async run(subject) {
      const kinds = { ...usualKinds, ...subject.kinds }
      for (const { name, run } of callsOf(subject)) {
        for (const [status, kind] of Object.entries(kinds)) {
          await using bench = await openBench(subject)
          await ready(bench)
          bench.server.answer = () => refusalOf(subject, Number(status), 'refused')
          const error = await failureOf(name, run(bench.connection, {}))
          demand(error.kind === kind, `${name}: a ${status} became ${error.kind} and not ${kind}`)
          demand(error.status === Number(status), `${name}: the error of a ${status} has the status ${error.status}`)
        }
      }
    },
  },
  {
    name: 'a login page with status 200 is a protocol error',
    effect: 'read',
    needs: [],
    async run(subject) {
      for (const { name, run, ignoresBody } of callsOf(subject)) {
        if (ignoresBody === true) continue
        await using bench = await openBench(subject)
        await ready(bench)
        bench.server.answer = () => ({
          headers: { 'content-type': 'text/html' },
          text: '<!doctype html><title>Log in</title>',
        })
        const error = await failureOf(name, run(bench.connection, {}))
        demand(error.kind === 'protocol', `${name}: a login page became ${error.kind}`)
      }
    },
  },
  {
    name: 'fields that nobody knows are no error',
    effect: 'read',
    needs: [],
    async run(subject) {
      for (const { name, run, answer, extended } of callsOf(subject)) {
        await using bench = await openBench(subject)
        bench.server.answer = extended ?? ((request) => widened(answer(request)))
        await ready(bench)
        await run(bench.connection, {}).catch((error: unknown) => {
          throw new Error(`${name} refuses an answer with further fields: ${String(error)}`)
        })
      }
    },
  },
  {
    name: 'the credential never shows',
    effect: 'read',
    needs: [],
    async run(subject) {
      const { secrets } = subject
      demand(secrets.length > 0, 'the subject names no secrets')
      const quote = `no, not with ${secrets.join(' nor with ')}`
      for (const { name, run } of callsOf(subject)) {
        for (const status of [400, 401, 500, 200]) {
          await using bench = await openBench(subject)
          await ready(bench)
          bench.server.answer = () => refusalOf(subject, status, quote)
          const { connection } = bench
          const seen: unknown[] = []
          connection.$events.on('*', (data, type) => seen.push(type, inspect(data, { depth: 8 }), JSON.stringify(data)))
          const outcome = await run(connection, {}).catch((error: unknown) => error)
          if (outcome instanceof Error)
            seen.push(String(outcome), outcome.stack, JSON.stringify(outcome), inspect(outcome, { depth: 8 }))
          demand(status === 200 || isPatchbayError(outcome), `${name}: a ${status} is no PatchbayError`)
          const text = seen.join('\n')
          demand(!secrets.some((secret) => text.includes(secret)), `${name} shows a secret after a ${status}`)
        }
      }
    },
  },
]

function refusalOf(subject: APISubject, status: number, message: string): FakeReply {
  return subject.refusal?.(status, message) ?? { status, json: { message } }
}

/** One more field in each object of a JSON answer. */
function widened(reply: FakeReply): FakeReply {
  return reply.json === undefined ? reply : { ...reply, json: widen(reply.json) }
}

function widen(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(widen)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, field]) => [name, widen(field)])
  return { ...Object.fromEntries(fields), unknownToAll: { since: 'today' } }
}
