import type { Call, Scope } from '../call.ts'
import type { ErrorKind, PatchbayError } from '../errors.ts'
import type { OperationSpec } from '../operation-spec.ts'
import { Answer, type Gate, type Outcome } from '../policy.ts'
import { Entries, type Entry, Snapshot } from './cache-entries.ts'
import { Flight } from './cache-flight.ts'
import type { CacheRule, Rule } from './cache-options.ts'
import { CacheRules } from './cache-rules.ts'
import { CacheStore } from './cache-store.ts'
import { canonicalJson } from './canonical-json.ts'
import { untilCancelled } from './until-cancelled.ts'

/** Checked, with no gaps. */
export interface CacheSettings {
  readonly operations: Readonly<Record<string, CacheRule | false>>
  readonly singleFlight: boolean
  readonly maxEntries: number
  readonly maxBytes: number
  readonly values: 'clone' | 'freeze'
  /** `false` keeps no answers in the connection's store. */
  readonly store: { readonly partition: string } | false
}

/** What a read that went on to the vendor left behind. */
interface Trace {
  readonly key: string
  readonly rule: Rule
  readonly writes: number
  flight: Flight | undefined
  /** The answer was stale: it must not be kept as a new one. */
  stale?: Snapshot
}

const unreachable: ReadonlySet<ErrorKind> = new Set(['network', 'timeout', 'unavailable', 'rate-limited'])

/** The cache as {@link cachePolicy} describes it, behind the check of its options. */
export class CacheGate implements Gate {
  readonly name = 'cache'
  readonly settings = {}
  readonly #rules: CacheRules
  readonly #freeze: boolean
  readonly #entries: Entries
  readonly #store: CacheStore | undefined
  readonly #flights = new Map<string, Flight>()
  /** By noun: how many writes there were, and the wall time of the last. */
  readonly #writes = new Map<string, { readonly count: number; readonly at: number }>()
  /** Operations whose answers turned out to be nothing that can be shared. */
  readonly #unshared = new WeakSet<OperationSpec>()

  constructor(settings: CacheSettings, common: Rule, scope: Scope) {
    const { operations, singleFlight, maxEntries, maxBytes, values, store } = settings
    this.#rules = new CacheRules(common, operations, singleFlight)
    this.#entries = new Entries(maxEntries, maxBytes)
    this.#freeze = values === 'freeze'
    this.#store =
      store === false || scope.store === undefined ? undefined : new CacheStore(scope.store, store.partition, scope)
  }

  /** Forgets every answer in memory. */
  clear(): void {
    this.#entries.clear()
  }

  enter(call: Call): undefined | Answer | Promise<undefined | Answer> {
    const { spec } = call
    if (spec.effect !== 'read') return undefined
    const rule = this.#rules.of(spec.name)
    const input = rule === undefined ? undefined : canonicalJson(call.input)
    if (rule === undefined || input === undefined) return undefined
    const key = `${JSON.stringify(call.tenant ?? null)} ${spec.name} ${input}`
    const reload = call.options.cache === 'reload'
    const flight = reload ? undefined : this.#flights.get(key)
    const kept = reload ? undefined : this.#kept(call, key)
    if (kept !== undefined) {
      const ageMs = Math.max(0, call.startedAt - kept.at)
      if (ageMs < rule.ttlMs) return answer(call, kept.snapshot, 'fresh', ageMs)
      if (flight !== undefined && ageMs < rule.ttlMs + rule.staleWhileRevalidateMs)
        return answer(call, kept.snapshot, 'stale-while-revalidate', ageMs)
    }
    if (flight !== undefined) return join(call, flight)
    const trace = this.#lead(call, key, rule, reload)
    return this.#store === undefined || reload ? undefined : this.#fromStore(call, trace, this.#store)
  }

  leave(call: Call, error: Outcome, value: unknown): void {
    const { spec } = call
    if (spec.effect !== 'read') {
      if (error === undefined || error.sent !== 'none') this.#forget(call)
      return
    }
    const trace = call.state?.get(this) as Trace | undefined
    if (trace === undefined) return
    if (trace.stale !== undefined) this.#settle(trace, trace.stale)
    else if (error === undefined) this.#keep(call, trace, value)
    else this.#failed(call, trace, error)
  }

  recover(call: Call, error: PatchbayError): undefined | Answer {
    const trace = call.state?.get(this) as Trace | undefined
    if (trace === undefined || trace.rule.staleIfErrorMs === 0 || !unreachable.has(error.kind)) return undefined
    const kept = this.#kept(call, trace.key)
    const ageMs = kept === undefined ? 0 : call.scope.clock.monotonic() - kept.at
    if (kept === undefined || ageMs >= trace.rule.ttlMs + trace.rule.staleIfErrorMs) return undefined
    trace.stale = kept.snapshot
    return answer(call, kept.snapshot, 'stale-if-error', ageMs)
  }

  /** What is kept under the key, if no write has come since. */
  #kept(call: Call, key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.writes === this.#writesOf(call.spec)) return entry
    this.#entries.delete(key)
    return undefined
  }

  #lead(call: Call, key: string, rule: Rule, reload: boolean): Trace {
    const shared = this.#rules.singleFlight && !reload && !this.#unshared.has(call.spec)
    const trace: Trace = { key, rule, writes: this.#writesOf(call.spec), flight: shared ? new Flight() : undefined }
    if (trace.flight !== undefined) this.#flights.set(key, trace.flight)
    call.state ??= new Map()
    call.state.set(this, trace)
    return trace
  }

  async #fromStore(call: Call, trace: Trace, store: CacheStore): Promise<undefined | Answer> {
    const found = await untilCancelled(call, store.get(trace.key, this.#freeze))
    if (found === undefined || trace.writes !== this.#writesOf(call.spec)) return undefined
    const { snapshot, ageMs } = found
    const written = this.#writes.get(nounOf(call.spec))?.at
    if (written !== undefined && call.scope.clock.now() - ageMs <= written) return undefined
    const entry = { snapshot, at: call.startedAt - ageMs, writes: trace.writes }
    this.#entries.put(trace.key, entry)
    if (ageMs >= trace.rule.ttlMs) return undefined
    call.state?.delete(this)
    this.#settle(trace, snapshot)
    return answer(call, snapshot, 'stored', ageMs)
  }

  #keep(call: Call, trace: Trace, value: unknown): void {
    const { ttlMs, staleIfErrorMs, staleWhileRevalidateMs } = trace.rule
    const keepMs = ttlMs + Math.max(staleIfErrorMs, staleWhileRevalidateMs)
    const snapshot = keepMs > 0 || trace.flight !== undefined ? Snapshot.of(value, this.#freeze) : undefined
    if (snapshot === undefined) {
      if (trace.flight !== undefined) this.#unshared.add(call.spec)
      this.#end(trace)?.disband()
      return
    }
    if (keepMs > 0 && trace.writes === this.#writesOf(call.spec)) {
      this.#entries.put(trace.key, { snapshot, at: call.scope.clock.monotonic(), writes: trace.writes })
      this.#store?.put(trace.key, snapshot, keepMs)
    }
    this.#settle(trace, snapshot)
  }

  #settle(trace: Trace, snapshot: Snapshot): void {
    this.#end(trace)?.answer(snapshot)
  }

  #failed(call: Call, trace: Trace, error: PatchbayError): void {
    const { flight } = trace
    if (flight === undefined) return
    const next = gaveUp(call, error) ? flight.handOver() : undefined
    if (next === undefined) {
      this.#end(trace)?.fail(error)
      return
    }
    next.call.state ??= new Map()
    next.call.state.set(this, { ...trace, writes: this.#writesOf(call.spec) } satisfies Trace)
    note(next.call, 'lead', 'leader-gave-up')
    next.go()
  }

  #end({ key, flight }: Trace): Flight | undefined {
    if (flight !== undefined && this.#flights.get(key) === flight) this.#flights.delete(key)
    return flight
  }

  #writesOf(spec: OperationSpec): number {
    return this.#writes.size === 0 ? 0 : (this.#writes.get(nounOf(spec))?.count ?? 0)
  }

  #forget(call: Call): void {
    const noun = nounOf(call.spec)
    this.#writes.set(noun, { count: this.#writesOf(call.spec) + 1, at: call.scope.clock.now() })
  }
}

/** True when the error says more about the leader (its caller, its deadline) than about the vendor. */
function gaveUp(call: Call, { kind, code }: PatchbayError): boolean {
  if (call.ended || kind === 'cancelled' || code === 'deadline' || code === 'past-deadline') return true
  return call.decisions?.some(({ reason }) => reason === 'past-deadline') === true
}

function join(call: Call, flight: Flight): Promise<Answer | undefined> {
  note(call, 'join', 'identical-read-in-flight')
  return flight.follow(call)
}

/** Not through `call.decide`: an error that followers share must keep the leader's decisions. */
function note(call: Call, decision: string, reason: string): void {
  const { events } = call.scope
  if (events.listening) events.emit('decision', { ...call.facts(), policy: 'cache', decision, reason, numbers: {} })
}

function answer(call: Call, snapshot: Snapshot, reason: string, ageMs: number): Answer {
  call.decide({ policy: 'cache', decision: 'answer', reason, numbers: { ageMs } })
  return new Answer(snapshot.read())
}

function nounOf({ name }: OperationSpec): string {
  return name.slice(0, name.indexOf('.'))
}
