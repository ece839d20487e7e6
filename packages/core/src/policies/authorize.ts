import type { Call } from '../call.ts'
import { Fault } from '../errors.ts'
import type { Approval, OperationSpec } from '../operation-spec.ts'
import type { Gate } from '../policy.ts'

/** What an authorizer is asked. */
export interface AuthorizationRequest {
  readonly connector: string
  readonly connection: string
  readonly tenant: string | undefined
  readonly operation: OperationSpec
  readonly input: unknown
  readonly approval: Approval | undefined
}

/** Says yes (`true`) or why not. A thrown error refuses too. */
export type Authorizer = (
  request: AuthorizationRequest,
) => true | { readonly refused: string } | Promise<true | { readonly refused: string }>

/** Refuses destructive calls without an approval, and whatever the host application's authorizer refuses; before anything is sent. */
export function authorizePolicy(authorizer: Authorizer | undefined): Gate {
  return {
    name: 'authorize',
    settings: { authorizer: authorizer !== undefined, destructive: 'needs-approval' },
    appliesTo: (spec) => authorizer !== undefined || spec.risk === 'destructive',
    enter(call: Call) {
      if (call.spec.risk === 'destructive') demandApproval(call)
      return authorizer === undefined ? undefined : ask(call, authorizer)
    },
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
    return verdict.then(
      (late) => {
        if (late === true) return undefined
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
