import type { Call } from '../call.ts'
import type { PolicyName } from '../decision.ts'
import { Fault } from '../errors.ts'
import type { Lazy } from '../lazy.ts'
import { untilCancelled } from './until-cancelled.ts'

/**
 * A part of a policy whose code is loaded when calls need it, for one of them: ends with the call's own reason when that is given up
 * meanwhile. What failed to load is tried again by the next call.
 * @throws Fault `unexpected`, code `code-not-loaded`; worth trying again, since a process may lack file handles only for a while
 */
export async function partFor<T>(call: Call, policy: PolicyName, part: Lazy<T>): Promise<T> {
  const loaded = await untilCancelled(call, load(policy, part))
  if (call.cancelReason !== undefined) throw call.cancelReason
  return loaded as T
}

/** As {@link partFor}, for nobody in particular. */
export async function load<T>(policy: PolicyName, part: Lazy<T>): Promise<T> {
  try {
    return await part()
  } catch (cause) {
    throw loadFault(policy, cause)
  }
}

export function loadFault(what: PolicyName | 'calls', cause: unknown): Fault {
  const message = `the code of ${what} could not be loaded: check that the files of @patchbay/core can be read; nothing was sent`
  return new Fault({ kind: 'unexpected', code: 'code-not-loaded', retry: 'later', sent: 'none', message, cause })
}

/** Begins to load ahead of need. Who needs the part hears of a failure, nobody else. */
export function prefetch(part: Lazy<unknown>): void {
  part().catch(() => undefined)
}
