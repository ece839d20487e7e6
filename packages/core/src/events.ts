import type { Decision } from './decision.ts'
import type { PatchbayError } from './errors.ts'

/** What is known of the call in every event about one. */
export interface CallFacts {
  readonly connection: string
  readonly connector: string
  readonly operation: string
  readonly effect: string
  readonly tenant: string | undefined
  /** Unique per call; equal in all its events. */
  readonly callId: string
}

/** The payload of each event type. Durations are milliseconds on the monotonic clock. No payload holds a secret, an input or an output. */
export interface EventMap {
  'call-start': CallFacts
  'call-end': CallFacts & {
    readonly durationMs: number
    readonly attempts: number
    readonly error?: PatchbayError | undefined
  }
  'attempt-start': CallFacts & { readonly attempt: number }
  'attempt-end': CallFacts & {
    readonly attempt: number
    readonly durationMs: number
    readonly error?: PatchbayError | undefined
  }
  /** A policy did something that changed the course of a call: waited, refused, answered, moved. */
  decision: Partial<CallFacts> & Decision
  'credential-refresh': {
    readonly connection: string
    readonly scheme: string
    readonly outcome: 'fresh' | 'adopted' | 'failed'
    readonly reason: string
  }
  'cursor-move': {
    readonly connection: string
    readonly stream: string
    readonly records: number
    readonly cursor: string
  }
  'webhook-accept': { readonly source: string; readonly messageId: string; readonly duplicate: boolean }
  'webhook-refuse': { readonly source: string; readonly reason: string }
  'message-end': {
    readonly source: string
    readonly messageId: string
    readonly outcome: 'done' | 'retry' | 'parked' | 'dead'
    readonly attempts: number
  }
  'delivery-end': {
    readonly endpoint: string
    readonly messageId: string
    readonly outcome: 'delivered' | 'retry' | 'dead' | 'disabled'
    readonly status?: number | undefined
    readonly reason?: string | undefined
  }
  'connection-open': { readonly connection: string; readonly connector: string }
  'connection-close': { readonly connection: string; readonly connector: string }
  /** Something harmless that an operator may want to know, such as bytes after a complete body. */
  notice: { readonly connection?: string | undefined; readonly code: string; readonly message: string }
}

export type EventType = keyof EventMap

export type EventListener<T extends EventType> = (data: EventMap[T], type: T) => void
export type AnyEventListener = (data: EventMap[EventType], type: EventType) => void

/**
 * Where events go. Delivery is synchronous, in the caller's context, so that a tracer sees the right parent; a listener that throws,
 * or whose promise is rejected, is counted and never disturbs the call. Costs one property read while nobody listens.
 */
export class Events {
  readonly #byType = new Map<EventType | '*', AnyEventListener[]>()
  #failures = 0
  /** True while anybody listens to anything: check it before building a payload. */
  listening = false

  /** Listens to one type, or to all with `*`. Returns how to stop. */
  on<T extends EventType>(type: T, listener: EventListener<T>): () => void
  on(type: '*', listener: AnyEventListener): () => void
  on(type: EventType | '*', listener: unknown): () => void {
    const entry = listener as AnyEventListener
    this.#byType.set(type, [...(this.#byType.get(type) ?? []), entry])
    this.listening = true
    let on = true
    return () => {
      if (!on) return
      on = false
      // Only once: who listens twice with the same function is told twice, until both have stopped.
      const left = [...(this.#byType.get(type) ?? [])]
      left.splice(left.indexOf(entry), 1)
      if (left.length === 0) this.#byType.delete(type)
      else this.#byType.set(type, left)
      this.listening = this.#byType.size > 0
    }
  }

  emit<T extends EventType>(type: T, data: EventMap[T]): void {
    if (!this.listening) return
    this.#deliver(this.#byType.get(type), type, data)
    this.#deliver(this.#byType.get('*'), type, data)
  }

  /** How many times a listener threw. */
  get listenerFailures(): number {
    return this.#failures
  }

  #deliver(listeners: readonly AnyEventListener[] | undefined, type: EventType, data: EventMap[EventType]): void {
    if (listeners === undefined) return
    for (const listener of listeners) {
      try {
        const returned: unknown = listener(data, type)
        if (returned instanceof Promise) returned.catch(this.#failed)
      } catch {
        this.#failed()
      }
    }
  }

  readonly #failed = (): void => {
    this.#failures++
  }
}
