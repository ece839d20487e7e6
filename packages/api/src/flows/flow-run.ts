import {
  type CallOptions,
  type Cancellation,
  cancellationOf,
  type ErrorFacts,
  isPatchbayError,
  type PatchbayError,
  type PolicySetting,
  patchbayError,
  type Scope,
  sleep,
} from '@patchbay/core'

/** What flows need of a connection: any connection has it. */
export interface FlowConnection {
  readonly $scope: Scope
  readonly $policies?: readonly PolicySetting[] | undefined
}

/** Options for one call of a job, with the key under which the vendor may know it already. */
export interface JobCall extends CallOptions {
  /** The same after a crash: hand it on to a keyed operation, or use it as the vendor's client reference. */
  readonly idempotencyKey: string
}

/** What a caller may say about a flow as a whole. */
export interface FlowOptions {
  /** Gives the flow up; it rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for all of it. Default: none, since jobs of vendors take hours; each call keeps its own deadline. */
  readonly timeoutMs?: number | undefined
}

/** One run of a flow: its time, its cancellation, and the options for each of its calls. */
export class FlowRun {
  readonly scope: Scope
  readonly #options: FlowOptions
  readonly #end: number
  readonly #cancellation: Cancellation | undefined
  readonly #standardMs: number

  constructor(connection: FlowConnection, options: FlowOptions) {
    const { signal, timeoutMs } = options
    if (timeoutMs !== undefined && !(timeoutMs > 0)) throw refused('timeoutMs', 'must be above 0')
    this.scope = connection.$scope
    this.#options = options
    this.#end = timeoutMs === undefined ? Number.POSITIVE_INFINITY : this.scope.clock.monotonic() + timeoutMs
    this.#cancellation = signal === undefined ? undefined : cancellationOf(signal)
    const standard = connection.$policies?.find(({ name }) => name === 'deadline')?.settings.timeoutMs
    this.#standardMs = typeof standard === 'number' ? standard : Number.POSITIVE_INFINITY
  }

  /** Milliseconds left; Infinity without an end. */
  get leftMs(): number {
    return this.#end - this.scope.clock.monotonic()
  }

  /**
   * Options for one call, which must end with the flow. `streams`: its body is read long after its head, so only the flow's end and
   * the pauses between two chunks limit it.
   */
  callOptions(streams = false): CallOptions {
    this.check()
    const { signal } = this.#options
    const most = streams ? longestStreamMs : this.#standardMs
    const timeoutMs = Math.min(most, this.leftMs)
    const limited = streams || timeoutMs < this.#standardMs
    return { signal, timeoutMs: limited && timeoutMs !== Number.POSITIVE_INFINITY ? timeoutMs : undefined }
  }

  /** @throws the signal's reason, or PatchbayError `timeout` with code `flow-deadline` */
  check(): void {
    const { signal } = this.#options
    if (signal?.aborted === true) throw signal.reason
    if (this.leftMs <= 0) throw late()
  }

  async sleep(ms: number): Promise<void> {
    this.check()
    const within = Math.min(ms, this.leftMs)
    await sleep(this.scope.clock, within, this.#cancellation)
    this.check()
  }

  /**
   * One step of a job under its own idempotency key. A process that died in the middle of this very step still holds the key, until its
   * time is over: that is waited for.
   */
  async step<T>(idempotencyKey: string, work: (call: JobCall) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work({ ...this.callOptions(), idempotencyKey })
      } catch (error) {
        if (!isPatchbayError(error) || error.code !== 'idempotency-key-running') throw error
        await this.sleep(Math.max(1000, error.retryAfterMs ?? 0))
      }
    }
  }

  /** Waits before a further attempt: what the vendor asked for, else twice as long each time, with jitter. `failures` from 1. */
  async backOff(failures: number, error: unknown): Promise<void> {
    const asked = isPatchbayError(error) ? error.retryAfterMs : undefined
    const usual = Math.min(60_000, 1000 * 2 ** (failures - 1)) * (0.5 + this.scope.random.next() / 2)
    await this.sleep(Math.max(asked ?? 0, usual))
  }
}

/** A day: a stream that is read slowly, or is large, is no failure. */
const longestStreamMs = 86_400_000

/** True for failures that may be gone later; policies have tried again already, a flow has more time than a call. */
export function isTransient(error: unknown): error is PatchbayError {
  return isPatchbayError(error) && (error.retry === 'later' || error.retry === 'exhausted')
}

function late(): PatchbayError {
  return patchbayError({ kind: 'timeout', code: 'flow-deadline', message: 'the time for the whole flow is over' })
}

export function refused(path: string, message: string, kind: ErrorFacts['kind'] = 'invalid-input'): PatchbayError {
  return patchbayError({ kind, sent: 'none', issues: [{ path, message }] })
}
