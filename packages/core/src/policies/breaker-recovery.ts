import type { Call } from '../call.ts'
import { Fault } from '../errors.ts'
import type { Circuit, Verdict } from './breaker-circuit.ts'

/** What happens to calls of a circuit that is not closed, or not yet as before: refusals, probes, the slow start. */
export class Recovery {
  readonly #circuit: Circuit
  /** Calls that may be in flight in half-open and slow start, and those that are. */
  #allowance = 0
  #inFlight = 0
  /** Verdicts still needed before half-open ends, and the failures among those seen. */
  #awaited = 0
  #probeFailures = 0

  constructor(circuit: Circuit) {
    this.#circuit = circuit
  }

  /** Lets the call through with a permit, or refuses it. */
  admit(call: Call, now: number): void {
    const circuit = this.#circuit
    if (circuit.state === 'isolated')
      throw refusal('isolated', 'breaker-isolated', 'is isolated by hand until it is reset')
    if (circuit.state === 'open') {
      const leftMs = circuit.openUntil - now
      if (leftMs > 0) refuse(call, 'open', { leftMs, openings: circuit.openings }, leftMs)
      this.#halfOpen(call)
    }
    if (this.#inFlight >= this.#allowance) {
      const numbers = { inFlight: this.#inFlight, allowance: this.#allowance }
      refuse(call, circuit.state === 'closed' ? 'slow-start' : 'probing', numbers, undefined)
    }
    this.#inFlight++
    call.state ??= new Map()
    call.state.set(this, circuit.round)
  }

  /** Takes the call's permit back. True when it was one of this round. */
  giveBack(call: Call): boolean {
    const permit = call.state?.get(this)
    if (permit === undefined) return false
    call.state?.delete(this)
    if (permit !== this.#circuit.round) return false
    this.#inFlight--
    return true
  }

  /** Opens as soon as the probes cannot pass any more, closes as soon as all have answered. */
  judgeProbe(call: Call, bad: boolean, now: number, retryAfterMs: number): void {
    const { probes, failureRatio } = this.#circuit.settings
    this.#awaited--
    if (bad) this.#probeFailures++
    const numbers = { probes, failures: this.#probeFailures }
    if (bad && this.#probeFailures >= failureRatio * probes) {
      this.#circuit.open(call, 'probe-failed', numbers, now, retryAfterMs)
    } else if (this.#awaited <= 0) {
      this.#close(now)
      call.decide({ policy: 'breaker', decision: 'close', reason: 'probes-passed', numbers })
    }
  }

  /** Slow start: one more call in flight per success, half as many after a failure. */
  grow(verdict: Verdict): void {
    const { probes } = this.#circuit.settings
    if (verdict === 'failure') this.#allowance = Math.max(probes, Math.floor(this.#allowance / 2))
    else if (verdict === 'success') this.#allowance++
    this.#freeIfGrown()
  }

  #halfOpen(call: Call): void {
    const circuit = this.#circuit
    const { probes } = circuit.settings
    circuit.round++
    circuit.state = 'half-open'
    this.#allowance = probes
    this.#awaited = probes
    this.#inFlight = 0
    this.#probeFailures = 0
    const numbers = { probes, openings: circuit.openings }
    call.decide({ policy: 'breaker', decision: 'half-open', reason: 'break-over', numbers })
  }

  #close(now: number): void {
    const circuit = this.#circuit
    circuit.window.clear()
    circuit.closedSince = now
    circuit.state = 'closed'
    this.#freeIfGrown()
  }

  #freeIfGrown(): void {
    if (this.#allowance < this.#circuit.settings.slowStart) return
    this.#circuit.free = true
    this.#circuit.round++
  }
}

function refuse(
  call: Call,
  reason: string,
  numbers: Readonly<Record<string, number>>,
  leftMs: number | undefined,
): never {
  call.decide({ policy: 'breaker', decision: 'refuse', reason, numbers })
  const text =
    leftMs === undefined ? 'lets only a few calls through after a break' : `stays open for ${Math.ceil(leftMs)} ms`
  throw refusal(reason, 'breaker-open', text, leftMs)
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
