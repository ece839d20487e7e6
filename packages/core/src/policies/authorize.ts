import { lazyCode } from '../lazy.ts'
import type { AuthorizeGate } from './authorize-gate.ts'
import type { Authorizer } from './authorizer.ts'
import { LazyGate } from './lazy-gate.ts'

type Code = typeof import('./authorize-gate.ts')

const code = lazyCode<Code>(() => import('./authorize-gate.ts'))

/** Refuses destructive calls without an approval, and whatever the host application's authorizer refuses; before anything is sent. */
export function authorizePolicy(authorizer: Authorizer | undefined): LazyGate<Code, AuthorizeGate> {
  return new LazyGate({
    name: 'authorize',
    settings: { authorizer: authorizer !== undefined, destructive: 'needs-approval' },
    code,
    appliesTo: ({ risk }) => authorizer !== undefined || risk === 'destructive',
    make: ({ AuthorizeGate }) => new AuthorizeGate(authorizer),
  })
}
