import type { Call } from '../call.ts'
import type { Clock, Random } from '../clock.ts'
import { type Lazy, lazyCode } from '../lazy.ts'
import type { BreakerSettings, BreakerSnapshot, BreakerState, Circuit, Verdict } from './breaker-circuit.ts'
import type { Recovery } from './breaker-recovery.ts'
import { type BreakerWindow, failed, slow } from './breaker-window.ts'
import { load, partFor, prefetch } from './lazy-part.ts'

type RecoveryCode = typeof import('./breaker-recovery.ts')

const code = lazyCode<RecoveryCode>(() => import('./breaker-recovery.ts'))

/**
 * The circuit: closed, open for a growing break, half-open for a few probes, then closed again with a slow start. Runs on monotonic
 * time and holds no timer: an open breaker becomes half-open when the first call after the break arrives. What follows an opening is
 * loaded with the first failure.
 */
export class Breaker implements Circuit {
  state: BreakerState = 'closed'
  free = true
  readonly settings: BreakerSettings
  readonly window: BreakerWindow
  readonly random: Random
  openings = 0
  openUntil = 0
  closedSince = 0
  round = 0
  readonly #clock: Clock
  readonly #code: Lazy<RecoveryCode>
  #lastBreakMs = 0
  #recovery: Recovery | undefined

  /** @param recoveryCode for tests */
  constructor(
    settings: BreakerSettings,
    window: BreakerWindow,
    clock: Clock,
    random: Random,
    recoveryCode: Lazy<RecoveryCode> = code,
  ) {
    this.#code = recoveryCode
    this.settings = settings
    this.window = window
    this.#clock = clock
    this.random = random
  }

  ready(): Promise<unknown> {
    return load('breaker', this.#code)
  }

  /** Lets the call through with a permit, or refuses it. Not called while {@link free}. */
  admit(call: Call): undefined | Promise<undefined> {
    const code = this.#code.current
    if (code === undefined) return this.#admitLate(call)
    this.#recovery ??= new code.Recovery(this)
    this.#recovery.admit(call, call.attemptStartedAt)
    return undefined
  }

  /** Takes a call's verdict. Neutral verdicts only give the permit back, so that a probe which ended without one blocks nothing. */
  settle(call: Call, verdict: Verdict, isSlow: boolean, now: number, retryAfterMs = 0): void {
    const recovery = this.#recovery
    const holds = recovery?.giveBack(call) === true
    if (this.state === 'half-open') {
      if (holds && verdict !== 'neutral') recovery?.judgeProbe(call, verdict === 'failure' || isSlow, now, retryAfterMs)
      return
    }
    if (this.state !== 'closed' || (verdict === 'neutral' && !isSlow)) return
    // A call that began before the last break says nothing about the time since.
    if (call.attemptStartedAt < this.closedSince) return
    if (verdict === 'failure' || isSlow) prefetch(this.#code)
    this.window.record((verdict === 'failure' ? failed : 0) | (isSlow ? slow : 0), now)
    if (holds && !this.free) recovery?.grow(verdict)
    this.#judge(call, now, retryAfterMs)
  }

  /** The hot path of {@link settle}: a success in a free breaker. */
  succeed(call: Call, now: number): void {
    if (call.attemptStartedAt < this.closedSince) return
    const { window } = this
    window.record(0, now)
    if (window.failures > 0 || window.slowCalls > 0) this.#judge(call, now, 0)
  }

  isolate(): void {
    prefetch(this.#code)
    this.round++
    this.state = 'isolated'
    this.free = false
  }

  reset(): void {
    this.openings = 0
    this.window.clear()
    this.closedSince = this.#clock.monotonic()
    this.state = 'closed'
    this.free = true
    this.round++
  }

  snapshot(): BreakerSnapshot {
    const now = this.#clock.monotonic()
    const { window, state, openings } = this
    window.expire(now)
    const breakLeftMs = state === 'open' ? Math.max(0, this.openUntil - now) : 0
    const { total: calls, failures, slowCalls } = window
    return { state, breakLeftMs, openings, calls, failures, slowCalls }
  }

  /** Goes on where a snapshot left off. The window starts empty; half-open starts its probes anew. */
  restore({ state, breakLeftMs, openings }: BreakerSnapshot): void {
    this.reset()
    this.openings = openings
    if (state === 'isolated') this.isolate()
    else if (state !== 'closed') this.#break(Math.min(breakLeftMs, this.settings.maxBreakMs), this.#clock.monotonic())
  }

  open(call: Call, reason: string, seen: Readonly<Record<string, number>>, now: number, retryAfterMs: number): void {
    const { breakMs, maxBreakMs, jitter } = this.settings
    const grown = Math.min(maxBreakMs, breakMs * 2 ** this.openings) * (1 - jitter * this.random.next())
    this.openings++
    this.#break(Math.max(grown, Math.min(retryAfterMs, maxBreakMs)), now)
    const numbers = { ...seen, breakMs: this.#lastBreakMs, openings: this.openings }
    call.decide({ policy: 'breaker', decision: 'open', reason, numbers })
  }

  #break(ms: number, now: number): void {
    prefetch(this.#code)
    this.#lastBreakMs = ms
    this.openUntil = now + ms
    this.round++
    this.state = 'open'
    this.free = false
  }

  #judge(call: Call, now: number, retryAfterMs: number): void {
    const { failureRatio, slowRatio, minimumCalls } = this.settings
    const { total, failures, slowCalls } = this.window
    if (total < minimumCalls) return
    const tooManyFailures = failures > 0 && failures >= failureRatio * total
    if (!tooManyFailures && (slowCalls === 0 || slowCalls < slowRatio * total)) return
    if (now - this.closedSince > 2 * this.#lastBreakMs) this.openings = 0
    const numbers = { calls: total, failures, slowCalls, failureRatio: failures / total, slowRatio: slowCalls / total }
    this.open(call, tooManyFailures ? 'failure-ratio' : 'slow-ratio', numbers, now, retryAfterMs)
  }

  async #admitLate(call: Call): Promise<undefined> {
    await partFor(call, 'breaker', this.#code)
    call.attemptStartedAt = this.#clock.monotonic()
    // Somebody may have closed it by hand.
    return this.free ? undefined : this.admit(call)
  }
}
