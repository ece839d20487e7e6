import type { Call } from '../call.ts'
import type { Clock, Random } from '../clock.ts'
import { Fault } from '../errors.ts'
import { type BreakerWindow, failed, slow } from './breaker-window.ts'

export type BreakerState = 'closed' | 'open' | 'half-open' | 'isolated'

/** What one call said about the vendor's health. */
export type Verdict = 'success' | 'failure' | 'neutral'

/** A breaker's state as plain data: for the UI, and to survive a restart. */
export interface BreakerSnapshot {
  readonly state: BreakerState
  /** Milliseconds until the next probe; 0 unless open. */
  readonly breakLeftMs: number
  /** How often it opened in a row; each time makes the next break longer. */
  readonly openings: number
  readonly calls: number
  readonly failures: number
  readonly slowCalls: number
}

export interface BreakerSettings {
  readonly failureRatio: number
  readonly slowRatio: number
  readonly minimumCalls: number
  readonly breakMs: number
  readonly maxBreakMs: number
  readonly jitter: number
  readonly probes: number
  readonly slowStart: number
}

/**
 * The circuit: closed, open for a growing break, half-open for a few probes, then closed again with a slow start. Runs on monotonic
 * time and holds no timer: an open breaker becomes half-open when the first call after the break arrives.
 */
export class Breaker {
  state: BreakerState = 'closed'
  /** True while every call passes unseen: closed and not in slow start. */
  free = true
  readonly #settings: BreakerSettings
  readonly #window: BreakerWindow
  readonly #clock: Clock
  readonly #random: Random
  #openings = 0
  #openUntil = 0
  #lastBreakMs = 0
  #closedSince = 0
  /** Calls that may be in flight in half-open and slow start, and those that are. */
  #allowance = 0
  #inFlight = 0
  /** Verdicts still needed before half-open ends, and the failures among those seen. */
  #awaited = 0
  #probeFailures = 0
  /** Tells permits of this round from those of earlier ones, whose calls may still be running. */
  #round = 0

  constructor(settings: BreakerSettings, window: BreakerWindow, clock: Clock, random: Random) {
    this.#settings = settings
    this.#window = window
    this.#clock = clock
    this.#random = random
  }

  /** Lets the call through with a permit, or refuses it. Not called while {@link free}. */
  admit(call: Call, now: number): void {
    if (this.state === 'isolated')
      throw refusal('isolated', 'breaker-isolated', 'is isolated by hand until it is reset')
    if (this.state === 'open') {
      const leftMs = this.#openUntil - now
      if (leftMs > 0) this.#refuse(call, 'open', { leftMs, openings: this.#openings }, leftMs)
      this.#halfOpen(call)
    }
    if (this.#inFlight >= this.#allowance) {
      const numbers = { inFlight: this.#inFlight, allowance: this.#allowance }
      this.#refuse(call, this.state === 'closed' ? 'slow-start' : 'probing', numbers, undefined)
    }
    this.#inFlight++
    call.state ??= new Map()
    call.state.set(this, this.#round)
  }

  /** Takes a call's verdict. Neutral verdicts only give the permit back, so that a probe which ended without one blocks nothing. */
  settle(call: Call, verdict: Verdict, isSlow: boolean, now: number, retryAfterMs = 0): void {
    const permit = call.state?.get(this)
    if (permit !== undefined) call.state?.delete(this)
    const holds = permit !== undefined && permit === this.#round
    if (holds) this.#inFlight--
    if (this.state === 'half-open') {
      if (holds && verdict !== 'neutral') this.#judgeProbe(call, verdict === 'failure' || isSlow, now, retryAfterMs)
      return
    }
    if (this.state !== 'closed' || (verdict === 'neutral' && !isSlow)) return
    // A call that began before the last break says nothing about the time since.
    if (call.attemptStartedAt < this.#closedSince) return
    this.#window.record((verdict === 'failure' ? failed : 0) | (isSlow ? slow : 0), now)
    if (holds && !this.free) this.#grow(verdict)
    if (this.#window.failures > 0 || this.#window.slowCalls > 0) this.#judge(call, now, retryAfterMs)
  }

  /** The hot path of {@link settle}: a success in a free breaker. */
  succeed(call: Call, now: number): void {
    if (call.attemptStartedAt < this.#closedSince) return
    const window = this.#window
    window.record(0, now)
    if (window.failures > 0 || window.slowCalls > 0) this.#judge(call, now, 0)
  }

  isolate(): void {
    this.#round++
    this.state = 'isolated'
    this.free = false
  }

  reset(): void {
    this.#openings = 0
    this.#close(this.#clock.monotonic(), 0)
  }

  snapshot(): BreakerSnapshot {
    const now = this.#clock.monotonic()
    const window = this.#window
    window.expire(now)
    return {
      state: this.state,
      breakLeftMs: this.state === 'open' ? Math.max(0, this.#openUntil - now) : 0,
      openings: this.#openings,
      calls: window.total,
      failures: window.failures,
      slowCalls: window.slowCalls,
    }
  }

  /** Goes on where a snapshot left off. The window starts empty; half-open starts its probes anew. */
  restore({ state, breakLeftMs, openings }: BreakerSnapshot): void {
    const now = this.#clock.monotonic()
    this.#close(now, 0)
    this.#openings = openings
    if (state === 'isolated') this.isolate()
    if (state !== 'open' && state !== 'half-open') return
    this.#lastBreakMs = Math.min(breakLeftMs, this.#settings.maxBreakMs)
    this.#openUntil = now + this.#lastBreakMs
    this.#round++
    this.state = 'open'
    this.free = false
  }

  #judge(call: Call, now: number, retryAfterMs: number): void {
    const { failureRatio, slowRatio, minimumCalls } = this.#settings
    const { total, failures, slowCalls } = this.#window
    if (total < minimumCalls) return
    const tooManyFailures = failures >= failureRatio * total && failures > 0
    if (!tooManyFailures && (slowCalls === 0 || slowCalls < slowRatio * total)) return
    if (now - this.#closedSince > 2 * this.#lastBreakMs) this.#openings = 0
    const numbers = { calls: total, failures, slowCalls, failureRatio: failures / total, slowRatio: slowCalls / total }
    this.#open(call, tooManyFailures ? 'failure-ratio' : 'slow-ratio', numbers, now, retryAfterMs)
  }

  /** Opens as soon as the probes cannot pass any more, closes as soon as all have answered. */
  #judgeProbe(call: Call, bad: boolean, now: number, retryAfterMs: number): void {
    const { probes, failureRatio } = this.#settings
    this.#awaited--
    if (bad) this.#probeFailures++
    const numbers = { probes, failures: this.#probeFailures }
    if (bad && this.#probeFailures >= failureRatio * probes) {
      this.#open(call, 'probe-failed', numbers, now, retryAfterMs)
    } else if (this.#awaited <= 0) {
      this.#close(now, this.#settings.slowStart)
      call.decide({ policy: 'breaker', decision: 'close', reason: 'probes-passed', numbers })
    }
  }

  #open(call: Call, reason: string, seen: Record<string, number>, now: number, retryAfterMs: number): void {
    const { breakMs, maxBreakMs, jitter } = this.#settings
    const grown = Math.min(maxBreakMs, breakMs * 2 ** this.#openings) * (1 - jitter * this.#random.next())
    this.#lastBreakMs = Math.max(grown, Math.min(retryAfterMs, maxBreakMs))
    this.#openUntil = now + this.#lastBreakMs
    this.#openings++
    this.#round++
    this.state = 'open'
    this.free = false
    const numbers = { ...seen, breakMs: this.#lastBreakMs, openings: this.#openings }
    call.decide({ policy: 'breaker', decision: 'open', reason, numbers })
  }

  #halfOpen(call: Call): void {
    const { probes } = this.#settings
    this.#round++
    this.state = 'half-open'
    this.#allowance = probes
    this.#awaited = probes
    this.#inFlight = 0
    this.#probeFailures = 0
    const numbers = { probes, openings: this.#openings }
    call.decide({ policy: 'breaker', decision: 'half-open', reason: 'break-over', numbers })
  }

  #close(now: number, slowStart: number): void {
    this.#window.clear()
    this.#closedSince = now
    this.state = 'closed'
    this.free = slowStart <= this.#allowance
    if (this.free) this.#round++
  }

  /** Slow start: one more call in flight per success, half as many after a failure. */
  #grow(verdict: Verdict): void {
    const { probes, slowStart } = this.#settings
    if (verdict === 'failure') this.#allowance = Math.max(probes, Math.floor(this.#allowance / 2))
    else if (verdict === 'success') this.#allowance++
    if (this.#allowance < slowStart) return
    this.free = true
    this.#round++
  }

  #refuse(call: Call, reason: string, numbers: Record<string, number>, leftMs: number | undefined): never {
    call.decide({ policy: 'breaker', decision: 'refuse', reason, numbers })
    const text =
      leftMs === undefined ? 'lets only a few calls through after a break' : `stays open for ${Math.ceil(leftMs)} ms`
    throw refusal(reason, 'breaker-open', text, leftMs)
  }
}

function refusal(reason: string, code: string, text: string, leftMs?: number): Fault {
  const retryAfterMs = leftMs === undefined ? undefined : Math.ceil(leftMs)
  return new Fault({
    kind: 'unavailable',
    code,
    sent: 'none',
    retryAfterMs,
    message: `the breaker ${text} (${reason})`,
  })
}
