import type { Approval, OperationSpec } from '../operation-spec.ts'

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
