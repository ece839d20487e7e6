import type { Call } from '../call.ts'
import type { Random } from '../clock.ts'
import type { BreakerWindow } from './breaker-window.ts'

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

/** What the closed circuit and its recovery share. All times are monotonic milliseconds. */
export interface Circuit {
  state: BreakerState
  /** True while every call passes unseen: closed and not in slow start. */
  free: boolean
  readonly settings: BreakerSettings
  readonly window: BreakerWindow
  readonly random: Random
  /** How often it opened in a row. */
  openings: number
  openUntil: number
  closedSince: number
  /** Tells permits of this round from those of earlier ones, whose calls may still be running. */
  round: number
  open(call: Call, reason: string, seen: Readonly<Record<string, number>>, now: number, retryAfterMs: number): void
}
