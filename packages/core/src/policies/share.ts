import type { Scope } from '../call.ts'
import type { PolicyName } from '../decision.ts'

/**
 * Who shares one state of a policy: `connection` keeps it to itself; `tenant` shares it between the connections of one tenant to one
 * target (the vendor's host); `target` between all connections to it. Connections with different settings never share.
 */
export type Share = 'connection' | 'tenant' | 'target'

export const shares: readonly Share[] = ['connection', 'tenant', 'target']

/** The one state that `share` and the settings name. Resolved when the connection is made, so that no call looks anything up. */
export function sharedState<T extends object>(
  policy: PolicyName,
  share: Share,
  settings: Readonly<Record<string, unknown>>,
  scope: Scope,
  make: () => T,
): T {
  if (share === 'connection') return make()
  const key = [policy, share, scope.target, share === 'tenant' ? (scope.tenant ?? '') : '', settings]
  return scope.runtime.keep(JSON.stringify(key), make)
}
