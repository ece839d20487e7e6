import type { Call } from '../call.ts'
import { Fault } from '../errors.ts'
import type { Gate } from '../policy.ts'
import type { Authorizer } from './authorizer.ts'
import { untilCancelled } from './until-cancelled.ts'

/** As {@link authorizePolicy} describes it. */
export class AuthorizeGate implements Gate {
  readonly name = 'authorize'
  readonly settings = {}
  readonly #authorizer: Authorizer | undefined

  constructor(authorizer: Authorizer | undefined) {
    this.#authorizer = authorizer
  }

  enter(call: Call): undefined | Promise<undefined> {
    if (call.spec.risk === 'destructive') demandApproval(call)
    return this.#authorizer === undefined ? undefined : ask(call, this.#authorizer)
  }
}

function demandApproval(call: Call): void {
  const { approval } = call.options
  if (approval !== undefined && approval.by.trim() !== '' && approval.reason.trim() !== '') return
  call.decide({ policy: 'authorize', decision: 'refuse', reason: 'approval-missing', numbers: {} })
  throw new Fault({
    kind: 'permission',
    code: 'approval-missing',
    sent: 'none',
    message: `${call.spec.name} is destructive: pass { approval: { by, reason } } with the call`,
  })
}

/** Stays synchronous when the authorizer does. */
function ask(call: Call, authorizer: Authorizer): undefined | Promise<undefined> {
  const { scope, spec, tenant, input, options } = call
  try {
    const verdict = authorizer({
      connector: scope.connector,
      connection: scope.connection,
      tenant,
      operation: spec,
      input,
      approval: options.approval,
    })
    if (verdict === true) return undefined
    if ('refused' in verdict) throw refusal(call, 'refused', verdict.refused)
    return untilCancelled(call, Promise.resolve(verdict)).then(
      (late) => {
        if (call.cancelReason !== undefined) throw call.cancelReason
        if (late === true) return undefined
        if (late === undefined) throw failure(call, undefined)
        throw refusal(call, 'refused', late.refused)
      },
      (cause: unknown) => {
        throw failure(call, cause)
      },
    )
  } catch (cause) {
    throw cause instanceof Fault ? cause : failure(call, cause)
  }
}

function failure(call: Call, cause: unknown): Fault {
  return refusal(call, 'authorizer-failed', 'the authorizer failed, so the call was refused', cause)
}

function refusal(call: Call, code: string, message: string, cause?: unknown): Fault {
  call.decide({ policy: 'authorize', decision: 'refuse', reason: code, numbers: {} })
  return new Fault({ kind: 'permission', code, sent: 'none', message, cause })
}
