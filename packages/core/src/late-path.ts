import type { Call } from './call.ts'
import type { CallPath } from './call-path.ts'
import { Fault, patchbayError } from './errors.ts'
import { type Lazy, lazyCode } from './lazy.ts'
import { listen } from './listen.ts'
import type { PathParts } from './path-parts.ts'
import { loadFault } from './policies/lazy-part.ts'
import { untilCancelled } from './policies/until-cancelled.ts'

/** What every used connection needs, and one that is only made does not: an application may have made hundreds. */
export const usingCode = lazyCode(() => import('./first-use.ts'))

export type UsingCode = typeof import('./first-use.ts')

/** The path of the calls of one operation, there from its first call on. */
export class LatePath {
  readonly parts: PathParts
  readonly #code: Lazy<UsingCode>
  #path: CallPath | undefined

  /** @param code for tests */
  constructor(parts: PathParts, code: Lazy<UsingCode> = usingCode) {
    this.parts = parts
    this.#code = code
  }

  run(call: Call): Promise<unknown> {
    if (this.#path === undefined) {
      const code = this.#code.current
      if (code === undefined) return this.#runLate(call)
      const outer = this.parts.outer.map((gate) => gate.current ?? gate)
      this.#path = new code.CallPath({ ...this.parts, outer })
    }
    return this.#path.run(call)
  }

  /** The call can be given up, and its deadline holds, while the code is on its way. */
  async #runLate(call: Call): Promise<unknown> {
    const { outer, operation, connector, ended } = this.parts
    const { signal } = call.options
    try {
      if (signal !== undefined) listen(call, signal)
      for (const gate of outer) gate.expect?.(call)
      await untilCancelled(call, this.#load())
      if (call.ended) throw call.cancelReason
    } catch (thrown) {
      ended()
      const context = { connector: connector.manifest.id, operation: operation.spec.name }
      throw thrown instanceof Fault ? patchbayError(thrown.facts, context) : thrown
    } finally {
      call.unlisten?.()
      call.scope.runtime.wheel.disarm(call)
    }
    call.waited = true
    return this.run(call)
  }

  async #load(): Promise<void> {
    await this.#code().catch((cause: unknown) => {
      throw loadFault('calls', cause)
    })
  }
}
