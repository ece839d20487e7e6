import type { Call, Scope } from '../call.ts'
import { sleep } from '../clock.ts'
import { type ErrorKind, Fault } from '../errors.ts'
import { Answer, type Gate, type Outcome } from '../policy.ts'
import { Snapshot } from './cache-entries.ts'
import { canonicalJson, sha256 } from './canonical-json.ts'
import { conflict, judge, reused } from './idempotency-judge.ts'
import { type IdempotencyRecord, IdempotencyRecords } from './idempotency-record.ts'
import { Running } from './idempotency-running.ts'
import { untilCancelled } from './until-cancelled.ts'

export interface ClaimSettings {
  readonly ttlMs: number
  readonly leaseMs: number
  readonly maxResultLength: number
  readonly partition: string
}

/** The vendor looked and said no: nothing was done, and the key is free again. */
const refused: ReadonlySet<ErrorKind> = new Set([
  'config',
  'invalid-input',
  'unsupported',
  'credential',
  'permission',
  'not-found',
  'conflict',
  'rate-limited',
])
/** Beyond its deadline a call needs a moment to store its outcome. */
const graceMs = 5_000
const storeTries = 4

/** The keys that callers gave: who holds one, who joins, and what is stored about those that ended. */
export class IdempotencyClaims implements Gate {
  readonly name = 'idempotency'
  readonly settings = {}
  readonly #scope: Scope
  readonly #options: ClaimSettings
  readonly #partition: string
  readonly #records: IdempotencyRecords | undefined
  readonly #running: Map<string, Running>

  constructor(options: ClaimSettings, scope: Scope) {
    this.#scope = scope
    this.#options = options
    this.#partition = JSON.stringify([options.partition, scope.connector, scope.target])
    this.#records = scope.store === undefined ? undefined : new IdempotencyRecords(scope.store)
    this.#running = scope.runtime.keep(`idempotency\n${this.#partition}`, () => new Map<string, Running>())
  }

  async forget(key: string, tenant = this.#scope.tenant): Promise<void> {
    await this.#records?.delete(nameOf(this.#idOf(key, tenant)))
  }

  enter(call: Call): Promise<undefined | Answer> {
    return this.#claim(call, checkKey(call.options.idempotencyKey ?? ''))
  }

  leave(call: Call, error: Outcome, value: unknown): void {
    const mine = call.state?.get(this) as Running | undefined
    if (mine === undefined) return
    call.state?.delete(this)
    if (error === undefined) {
      const snapshot = Snapshot.of(value, false)
      mine.settle(snapshot)
      this.#finish(mine, this.#done(mine, snapshot))
    } else if (error.sent === 'none' || refused.has(error.kind)) {
      this.#finish(mine, undefined)
    } else {
      this.#finish(mine, { state: 'unknown', fingerprint: mine.fingerprint, until: 0 })
    }
  }

  async #claim(call: Call, key: string): Promise<undefined | Answer> {
    const id = this.#idOf(key, call.tenant)
    const fingerprint = sha256(`${call.spec.name}\n${canonicalJson(call.input) ?? ''}`)
    for (let other = this.#running.get(id); other !== undefined; other = this.#running.get(id)) {
      const shared = await this.#join(call, other, fingerprint)
      if (shared !== undefined) return new Answer(shared.read())
    }
    const mine = new Running(id, nameOf(id), fingerprint)
    this.#running.set(id, mine)
    const claiming =
      this.#records === undefined ? Promise.resolve(undefined) : this.#claimStored(call, mine, this.#records)
    try {
      const answer = await untilCancelled(call, claiming)
      if (answer === undefined && call.cancelReason === undefined) {
        call.state ??= new Map()
        call.state.set(this, mine)
        return undefined
      }
      // Answered, or given up meanwhile: then a claim that still comes through is taken back.
      claiming.then(
        (late) => this.#finish(mine, undefined, late !== undefined),
        () => this.#end(mine),
      )
      if (call.cancelReason !== undefined) throw call.cancelReason
      return answer
    } catch (error) {
      // A call that gave up leaves the rest to its claim; a claim that failed has ended, also when the call gave up that moment.
      if (error !== call.cancelReason) this.#end(mine)
      throw error
    }
  }

  async #join(call: Call, other: Running, fingerprint: string): Promise<Snapshot | undefined> {
    if (other.fingerprint !== fingerprint) throw reused(call)
    call.decide({ policy: 'idempotency', decision: 'join', reason: 'same-key-running', numbers: {} })
    const shared = await untilCancelled(call, other.settled)
    if (call.cancelReason !== undefined) throw call.cancelReason
    return shared
  }

  async #claimStored(call: Call, mine: Running, records: IdempotencyRecords): Promise<undefined | Answer> {
    const { name, fingerprint } = mine
    for (let attempt = 0; attempt < 10; attempt++) {
      const stored = await records.get(name)
      const now = call.scope.clock.now()
      if (stored !== undefined) {
        const answer = judge(call, stored.record, fingerprint, now)
        if (answer !== undefined) return answer
      }
      const until = now + (Number.isFinite(call.deadlineAt) ? call.timeLeft() + graceMs : this.#options.leaseMs)
      const record: IdempotencyRecord = { state: 'running', fingerprint, until }
      const ttlMs = Math.max(this.#options.ttlMs, until - now)
      mine.version = await records.put(name, record, stored?.version ?? 'absent', ttlMs)
      if (mine.version !== undefined) return undefined
    }
    throw conflict(call, 'idempotency-key-running', 'other processes keep changing this key; try again later', 1_000)
  }

  #done({ fingerprint }: Running, snapshot: Snapshot | undefined): IdempotencyRecord {
    const value = snapshot?.json === true ? snapshot.read() : undefined
    const kept = value !== undefined && JSON.stringify(value).length <= this.#options.maxResultLength
    // An answer of `undefined` is one too.
    const empty = snapshot !== undefined && snapshot.read() === undefined
    const result = kept || empty ? { result: { value } } : {}
    return { state: 'done', fingerprint, until: 0, ...result }
  }

  /** Stores the outcome (undefined: frees the key) and lets go of the key. `leave` cannot wait; who comes meanwhile joins. */
  #finish(mine: Running, record: IdempotencyRecord | undefined, untouched = false): void {
    const { version, name } = mine
    const records = this.#records
    if (records === undefined || version === undefined || untouched) {
      this.#end(mine)
      return
    }
    const store = async (): Promise<void> => {
      for (let attempt = 1; ; attempt++) {
        try {
          if (record === undefined) await records.delete(name, version)
          else await records.put(name, record, version, this.#options.ttlMs)
          return
        } catch (error) {
          if (attempt === storeTries) throw error
          await sleep(this.#scope.clock, 100 * 4 ** attempt)
        }
      }
    }
    store()
      .catch((error: unknown) => this.#tell(error))
      .finally(() => this.#end(mine))
  }

  #end(mine: Running): void {
    if (this.#running.get(mine.id) === mine) this.#running.delete(mine.id)
    mine.settle(undefined)
  }

  #idOf(key: string, tenant: string | undefined): string {
    return JSON.stringify([this.#partition, tenant ?? null, key])
  }

  #tell(error: unknown): void {
    const { events, connection } = this.#scope
    const reason = error instanceof Error ? error.message : 'unknown'
    const message = `the outcome of a keyed call could not be stored, so that the key counts as running: ${reason}`
    events.emit('notice', { connection, code: 'idempotency-store', message })
  }
}

function checkKey(key: string): string {
  // Printable ASCII: the key travels in a header.
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key
  const message = 'must be 1 to 255 printable ASCII characters without spaces'
  throw new Fault({ kind: 'invalid-input', sent: 'none', issues: [{ path: 'idempotencyKey', message }] })
}

function nameOf(id: string): string {
  return `idempotency/${sha256(id)}`
}
