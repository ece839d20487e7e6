/** Cancels a timer or a listener. Calling it twice is harmless. */
export type Cancel = () => void

/**
 * All time that Patchbay reads or waits for. Waits and windows run on {@link Clock.monotonic}, so that a jump of the wall clock
 * fires nothing early or late; {@link Clock.now} is for dates that cross the border (tokens, signatures, Retry-After).
 */
export interface Clock {
  /** Wall time: milliseconds since 1970-01-01T00:00:00Z. May jump. */
  now(): number
  /** Milliseconds since an arbitrary start. Never goes back. */
  monotonic(): number
  /** Runs `task` once after `ms`. `keepAlive: false` lets the process end before it. */
  timer(ms: number, task: () => void, options?: { readonly keepAlive?: boolean }): Cancel
  /** Runs `task` every `ms` without keeping the process alive. */
  interval(ms: number, task: () => void): Cancel
  /** Runs `task` after input that already arrived has been handled (the poll phase of the event loop). */
  afterInput(task: () => void): void
}

/** All randomness: jitter, probabilities, ids. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Random bytes; from a cryptographic source in production. */
  bytes(length: number): Uint8Array
  /** RFC 9562 UUID, version 4. */
  uuid(): string
}

/** setTimeout fires at once for longer waits than this (2^31 - 1 ms, about 24.8 days). */
const longestTimer = 2_147_483_647

export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  timer(ms, task, options) {
    let handle: NodeJS.Timeout
    const arm = (left: number): void => {
      const part = Math.min(Math.max(0, left), longestTimer)
      handle = setTimeout(() => (left > part ? arm(left - part) : task()), part)
      if (options?.keepAlive === false) handle.unref()
    }
    arm(ms)
    return () => clearTimeout(handle)
  },
  interval(ms, task) {
    const handle = setInterval(task, ms)
    handle.unref()
    return () => clearInterval(handle)
  },
  afterInput(task) {
    setImmediate(task)
  },
}

export const systemRandom: Random = {
  next: Math.random,
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  uuid: () => crypto.randomUUID(),
}

/** Something that can be given up: a call, or an AbortSignal behind {@link cancellationOf}. Cheaper than an AbortSignal when nobody waits. */
export interface Cancellation {
  /** Undefined while going on. */
  readonly cancelReason: unknown
  /** Runs `listener` once when cancelled (at once when it already is). */
  onCancel(listener: (reason: unknown) => void): Cancel
}

export function cancellationOf(signal: AbortSignal): Cancellation {
  return {
    get cancelReason() {
      return signal.aborted ? signal.reason : undefined
    },
    onCancel(listener) {
      const listen = (): void => listener(signal.reason)
      if (signal.aborted) listen()
      else signal.addEventListener('abort', listen, { once: true })
      return () => signal.removeEventListener('abort', listen)
    },
  }
}

/** Waits `ms`; rejects with the cancellation's reason when given up before. Leaves no timer and no listener behind. */
export function sleep(clock: Clock, ms: number, cancellation?: Cancellation): Promise<void> {
  return new Promise((resolve, reject) => {
    if (cancellation?.cancelReason !== undefined) {
      reject(cancellation.cancelReason)
      return
    }
    let unlisten: Cancel | undefined
    const stop = clock.timer(ms, () => {
      unlisten?.()
      resolve()
    })
    unlisten = cancellation?.onCancel((reason) => {
      stop()
      reject(reason)
    })
  })
}
