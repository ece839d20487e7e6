import { systemClock } from '../../clock.ts'
import { adviceOf, Fault, isPatchbayError } from '../../errors.ts'
import type { ExpectedError, FaultCase, FaultTarget } from './fault-case.ts'
import type { FaultServer } from './server/fault-server.ts'

/** How a call against a {@link FaultTarget} ended. */
export interface FaultOutcome {
  /** What it rejected with; undefined for success. */
  readonly error?: unknown
  /** Real milliseconds that it took. */
  readonly tookMs?: number
  /** When this process got to see the deadline pass: later than the deadline on a machine that was busy with something else. */
  readonly deadlineSeenMs?: number | undefined
}

export interface JudgeOptions {
  /** False when the call was a write without a key. Default true. */
  readonly repeatable?: boolean
  /** Values of the credential, which no other origin may have seen. */
  readonly secrets?: readonly string[]
}

/** Milliseconds that an error may come after the deadline. */
const graceMs = 50
/** Real milliseconds given to the server to learn that a socket was dropped. */
const dropWithinMs = 1000

/**
 * Runs `call` against the target and takes down how it ended. When the fault shows only on a kept connection, one call goes before,
 * and the event loop turns once in between, so that the pool has its connection back.
 */
export async function outcomeOf(target: FaultTarget, call: () => Promise<unknown>): Promise<FaultOutcome> {
  if (target.warmUp) {
    await call()
    await new Promise<void>((resolve) => {
      systemClock.timer(1, resolve)
    })
  }
  const start = systemClock.monotonic()
  const took = (): number => systemClock.monotonic() - start
  let deadlineSeenMs: number | undefined
  const stop = systemClock.timer(target.timeoutMs, () => {
    deadlineSeenMs = took()
  })
  try {
    await call()
    return { tookMs: took(), deadlineSeenMs }
  } catch (error) {
    return { error: error ?? new Error('rejected without a reason'), tookMs: took(), deadlineSeenMs }
  } finally {
    stop()
  }
}

/** Compares an outcome, and what the server saw, with what the fault's case demands. Each string is one thing wrong; none means it conforms. */
export async function judge(
  target: FaultTarget,
  outcome: FaultOutcome,
  server: FaultServer,
  options: JudgeOptions = {},
): Promise<string[]> {
  const expected = expectationOf(target.fault, options.repeatable ?? true)
  const wrong = expected === 'success' ? judgeSuccess(outcome) : judgeError(expected, outcome.error)
  const deadlineMs = Math.max(target.timeoutMs, outcome.deadlineSeenMs ?? 0)
  if (outcome.tookMs !== undefined && outcome.tookMs > deadlineMs + graceMs)
    wrong.push(`took ${Math.round(outcome.tookMs)} ms with a deadline of ${target.timeoutMs} ms`)
  wrong.push(...(await judgeWire(target, server, options.secrets ?? [])))
  return wrong.map((text) => `${target.fault.id}: ${text}`)
}

/** What a call must give: `later` becomes `never` for a write that must not be sent twice, unless nothing was sent. */
export function expectationOf(fault: FaultCase, repeatable: boolean): ExpectedError | 'success' {
  if (repeatable) return fault.expected
  if (fault.expectedOfWrite !== undefined) return fault.expectedOfWrite
  const { expected } = fault
  if (expected === 'success' || expected.retry !== 'later' || expected.sent === 'none') return expected
  const { retry, ...rest } = expected
  // A refusal by a rate limit was not executed, so both advices are right.
  return fault.group === 'rate-limit' ? rest : { ...rest, retry: 'never' }
}

function judgeSuccess({ error }: FaultOutcome): string[] {
  if (error === undefined) return []
  return [`expected success, got ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`]
}

function judgeError(expected: ExpectedError, error: unknown): string[] {
  const seen = factsOf(error)
  if (seen === undefined) {
    const got = error === undefined ? 'success' : `the untyped ${error instanceof Error ? error.stack : String(error)}`
    return [`expected a ${String(expected.kind)} error, got ${got}`]
  }
  const wrong: string[] = []
  const kinds = typeof expected.kind === 'string' ? [expected.kind] : expected.kind
  if (!kinds.includes(seen.kind)) wrong.push(`expected kind ${kinds.join(' or ')}, got ${seen.kind}: ${seen.message}`)
  const retry = seen.retry === 'exhausted' ? 'later' : seen.retry
  if (expected.retry !== undefined && retry !== expected.retry)
    wrong.push(`expected retry ${expected.retry}, got ${seen.retry}`)
  if (expected.sent !== undefined && seen.sent !== expected.sent)
    wrong.push(`expected sent ${expected.sent}, got ${seen.sent}`)
  if (expected.code !== undefined && seen.code !== expected.code)
    wrong.push(`expected code ${expected.code}, got ${seen.code}`)
  if (expected.names !== undefined && !seen.message.includes(expected.names))
    wrong.push(`expected a message that names ${expected.names}, got: ${seen.message}`)
  if (!matchesWait(expected.retryAfterMs, seen.retryAfterMs))
    wrong.push(`expected retryAfterMs ${String(expected.retryAfterMs)}, got ${seen.retryAfterMs}`)
  return wrong
}

function factsOf(error: unknown) {
  if (isPatchbayError(error)) return error
  if (!(error instanceof Fault)) return undefined
  const issues = (error.facts.issues ?? []).map((issue) => `${issue.path}: ${issue.message}`)
  const message = [error.message, ...issues].join('; ')
  return { ...error.facts, retry: adviceOf(error.facts), message } as const
}

function matchesWait(expected: ExpectedError['retryAfterMs'], seen: number | undefined): boolean {
  if (expected === undefined) return true
  if (expected === 'none') return seen === undefined || seen === 0
  const [least, most] = typeof expected === 'number' ? [expected, expected] : expected
  return seen !== undefined && seen >= least && seen <= most
}

async function judgeWire(target: FaultTarget, server: FaultServer, secrets: readonly string[]): Promise<string[]> {
  const { wire = {} } = target.fault
  const { ledger } = server
  const wrong: string[] = []
  const requests = ledger.requests.filter(({ run }) => run === target.run)
  const landed = ledger.since(target.mark, server.otherOrigin)
  const count = requests.length + landed.requests
  if (wire.mostRequests !== undefined && count > wire.mostRequests)
    wrong.push(`expected at most ${wire.mostRequests} requests, got ${count}`)
  if (wire.leastRequests !== undefined && count < wire.leastRequests)
    wrong.push(`expected at least ${wire.leastRequests} requests, got ${count}`)
  if (wire.otherOrigin === 'untouched' && landed.bytesIn > 0) wrong.push('bytes were sent to the second origin')
  for (const secret of secrets)
    if (ledger.whoSaw(secret).includes(server.otherOrigin)) wrong.push('the second origin received a credential')
  if (wire.dropsSocket === true && !(await drops(target, server, requests.at(-1)?.connection)))
    wrong.push('the socket is still open')
  return wrong
}

/** True once the connection is closed; without one, once its whole origin has none open. */
async function drops(target: FaultTarget, server: FaultServer, connection: number | undefined): Promise<boolean> {
  const { origin } = new URL(target.url)
  const isOpen = (): boolean =>
    connection === undefined
      ? server.open.some((socket) => socket.origin === origin)
      : server.open.some((socket) => socket.connection === connection)
  const end = systemClock.monotonic() + dropWithinMs
  while (isOpen() && systemClock.monotonic() < end)
    await new Promise<void>((resolve) => {
      systemClock.timer(1, resolve)
    })
  return !isOpen()
}
