import type { Lease, LeaseRequest } from './shared-limiter.ts'

/** What a limiter keeps per key: JSON, in milliseconds of its own clock. */
export interface LeaseState {
  /** Sliding window: units granted, by slice number. */
  slices: Record<string, number>
  /** The window that the slices are parts of; a vendor may tell another one. */
  perMs?: number
  /** Token bucket: tokens at a time. */
  tokens?: number
  at?: number
  pausedUntil: number
  /** When each process asked last. */
  members: Record<string, number>
}

/** A sliding window is counted in this many slices, each held until it has left the window whole. */
export const leaseSlices = 20

/** How long a silent process counts as one that shares the limit. */
export function memberMs(perMs: number): number {
  return Math.min(Math.max(2 * perMs, 10_000), 120_000)
}

/** How long a limiter must remember a key that nobody asks for. */
export function rememberMs(perMs: number): number {
  return Math.ceil(Math.max(2 * perMs, memberMs(perMs)))
}

export function emptyLeaseState(): LeaseState {
  return { slices: {}, pausedUntil: 0, members: {} }
}

/** Grants what the limit allows at `now` and notes it in `state`. The Redis script does the same in Lua; a test compares them. */
export function grantLease(state: LeaseState, request: LeaseRequest, now: number): Lease {
  const { limit, member } = request
  const oldest = now - memberMs(limit.perMs)
  state.members[member] = now
  for (const [id, seen] of Object.entries(state.members)) if (seen < oldest) delete state.members[id]
  const members = Object.keys(state.members).length
  const pausedMs = Math.max(0, state.pausedUntil - now)
  const grant = limit.burst === undefined ? fromWindow : fromBucket
  const { granted, retryAfterMs } = grant(state, request, now, pausedMs > 0)
  return { granted, retryAfterMs: Math.max(retryAfterMs, pausedMs), pausedMs, members }
}

type Grant = Pick<Lease, 'granted' | 'retryAfterMs'>

function fromWindow(state: LeaseState, { limit, units, spent }: LeaseRequest, now: number, paused: boolean): Grant {
  const { slices } = state
  reslice(state, limit.perMs, now)
  const sliceMs = limit.perMs / leaseSlices
  const slice = Math.floor(now / sliceMs)
  let used = spent
  let first = slice
  for (const [name, count] of Object.entries(slices)) {
    const at = Number(name)
    if (at < slice - leaseSlices) delete slices[name]
    else {
      used += count
      first = Math.min(first, at)
    }
  }
  const free = Math.max(0, Math.floor(limit.units - used))
  const granted = paused ? 0 : Math.min(units, free)
  if (granted + spent > 0) slices[slice] = (slices[slice] ?? 0) + granted + spent
  return { granted, retryAfterMs: granted === units ? 0 : (first + leaseSlices + 1) * sliceMs - now }
}

/** Slices of another length cannot be told apart any more: what was granted counts as granted now. */
function reslice(state: LeaseState, perMs: number, now: number): void {
  const { slices, perMs: before = perMs } = state
  state.perMs = perMs
  if (before === perMs) return
  let used = 0
  for (const [name, count] of Object.entries(slices)) {
    if (Number(name) >= Math.floor(now / (before / leaseSlices)) - leaseSlices) used += count
    delete slices[name]
  }
  slices[Math.floor(now / (perMs / leaseSlices))] = used
}

function fromBucket(state: LeaseState, { limit, units, spent }: LeaseRequest, now: number, paused: boolean): Grant {
  const burst = limit.burst ?? limit.units
  const rate = limit.units / limit.perMs
  const before = state.tokens === undefined ? burst : state.tokens + Math.max(0, now - (state.at ?? now)) * rate
  const tokens = Math.min(burst, before) - spent
  const granted = paused ? 0 : Math.min(units, Math.max(0, Math.floor(tokens)))
  state.tokens = tokens - granted
  state.at = now
  return { granted, retryAfterMs: granted === units ? 0 : (1 - Math.min(1, state.tokens)) / rate }
}
