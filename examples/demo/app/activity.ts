import type { Events } from '@patchbay/core'

export interface Waits {
  count: number
  ms: number
}

/** What happened on one connection, counted from its events. Plain data, so that processes can hand it on. */
export interface Activity {
  records: number
  /** Attempts: what was sent, repetitions included. */
  requests: number
  /** Attempts after the first of a call. */
  retries: number
  /** Why attempts failed: kind, and the code or status where there is one. */
  readonly failures: Record<string, number>
  /** Milliseconds waited before a retry or for a limit, by reason. */
  readonly waits: Record<string, Waits>
  /** Moves of the breaker. */
  readonly breaker: Record<string, number>
  /** Renewals of the access token, by outcome. */
  readonly tokens: Record<string, number>
  /** Reads that ended in an error and were begun again where the cursor stood. */
  readsRepeated: number
}

export function newActivity(): Activity {
  const counts = { failures: {}, waits: {}, breaker: {}, tokens: {} }
  return { records: 0, requests: 0, retries: 0, readsRepeated: 0, ...counts }
}

const add = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1
}

/** Counts a connection's events into `activity`, for as long as the connection lives. */
export function watch(events: Events, activity: Activity): void {
  events.on('attempt-end', ({ attempt, error }) => {
    // What an open breaker holds back is never sent.
    if (error?.code !== 'breaker-open') {
      activity.requests++
      if (attempt > 1) activity.retries++
    }
    if (error !== undefined) add(activity.failures, [error.kind, error.code ?? error.status].filter(Boolean).join(' '))
  })
  events.on('decision', ({ policy, decision, reason, numbers }) => {
    if (policy === 'breaker' && decision !== 'refuse') add(activity.breaker, decision)
    const waited = decision === 'retry' || decision === 'wait' ? (numbers.waitMs ?? 0) : 0
    if (waited <= 0) return
    const name = policy === 'retry' ? reason : `${policy} ${reason}`
    const waits = activity.waits[name] ?? { count: 0, ms: 0 }
    activity.waits[name] = { count: waits.count + 1, ms: waits.ms + waited }
  })
  events.on('credential-refresh', ({ outcome }) => add(activity.tokens, outcome))
}
