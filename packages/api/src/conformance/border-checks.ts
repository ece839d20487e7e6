import { type APICall, type APICheck, type APISubject, bare, callsOf, openBench, ready } from './api-subject.ts'
import { atOneOfThree, demand, failureOf, timeOf, until } from './demand.ts'
import { ScriptedServer } from './scripted-server.ts'

const capBytes = 64 * 1024
const deadlineMs = 100
/** Real milliseconds after which a call that was given up, or whose deadline passed, must have ended. */
const graceMs = 50

/** Time, size and origin: what a vendor that misbehaves must not get. */
export const borderChecks: readonly APICheck[] = [
  {
    name: 'giving a call up ends it within 50 ms, and its request',
    effect: 'read',
    needs: [],
    run: (subject) =>
      eachCall(subject, async ({ name, run }) => {
        await using bench = await openBench(subject)
        const { server, connection } = bench
        await ready(bench)
        server.answer = () => 'silence'
        const controller = new AbortController()
        const reason = new Error('given up')
        const outcome = run(connection, { signal: controller.signal }).catch((error: unknown) => error)
        await until(() => server.requests.length > 0, `${name} sent nothing`)
        const ending = timeOf(outcome)
        controller.abort(reason)
        const took = await ending
        demand((await outcome) === reason, `${name} did not reject with the caller's reason`)
        demand(took <= graceMs, `${name} took ${Math.round(took)} ms to give up`)
        await until(() => server.abandoned > 0, `${name} left its request running`)
      }),
  },
  late('a vendor that does not answer ends at the deadline', 'silence'),
  late('a body that drips ends at the deadline', 'drip'),
  {
    name: 'answers that are too large are refused',
    effect: 'read',
    needs: [],
    async run(subject) {
      for (const { name, run, streams } of callsOf(subject)) {
        if (streams === true) continue
        await using bench = await openBench(subject, {
          policies: bare,
          network: { limits: { maxBodyBytes: capBytes } },
        })
        await ready(bench)
        bench.server.answer = () => ({ json: { padding: 'x'.repeat(4 * capBytes) } })
        const error = await failureOf(name, run(bench.connection, {}))
        demand(error.kind === 'protocol', `${name}: an answer above the cap became ${error.kind}`)
        demand(error.code === 'body-too-large', `${name}: an answer above the cap was read: ${error.message}`)
      }
    },
  },
  {
    name: 'a redirect takes no credential to another origin',
    effect: 'read',
    needs: [],
    async run(subject) {
      for (const { name, run, answer } of callsOf(subject)) {
        await using other = await ScriptedServer.start()
        other.answer = answer
        for (const status of [302, 307]) {
          await using bench = await openBench(subject)
          await ready(bench)
          bench.server.answer = () => ({ status, headers: { location: `${other.url}/elsewhere` } })
          await run(bench.connection, {}).catch(() => undefined)
          demand(bench.server.requests.length > 0, `${name} sent nothing`)
          const arrived = JSON.stringify(other.requests.map(({ headers, query, body }) => [headers, [...query], body]))
          const carried = subject.secrets.some(
            (secret) => arrived.includes(secret) || arrived.includes(encodeURIComponent(secret)),
          )
          demand(!carried, `${name} took its credential to another origin after a ${status}`)
        }
      }
    },
  },
]

function late(title: string, how: 'silence' | 'drip'): APICheck {
  return {
    name: title,
    effect: 'read',
    needs: [],
    run: (subject) =>
      eachCall(subject, async ({ name, run, streams, ignoresBody }) => {
        if (how === 'drip' && (streams === true || ignoresBody === true)) return
        await using bench = await openBench(subject, { policies: { ...bare, attemptTimeout: false } })
        await ready(bench)
        bench.server.answer = () => how
        const work = run(bench.connection, { timeoutMs: deadlineMs })
        const took = await timeOf(work)
        const error = await failureOf(name, work)
        demand(error.kind === 'timeout', `${name}: expected timeout, got ${error.kind}`)
        const { server } = bench
        await until(() => server.abandoned > 0, `${name} left its request running`)
        demand(
          took >= deadlineMs - 5 && took <= deadlineMs + graceMs,
          `${name} ended after ${Math.round(took)} ms of ${deadlineMs}`,
        )
      }),
  }
}

/** The calls at the same time: each waits for its deadline. */
async function eachCall(subject: APISubject, check: (call: APICall) => Promise<void>): Promise<void> {
  await Promise.all(callsOf(subject).map((call) => atOneOfThree(() => check(call))))
}
