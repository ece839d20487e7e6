import { Fault } from '@patchbay/core'
import type { GraphqlVariables } from './document.ts'
import { isObject } from './input.ts'

/**
 * The variables with an idempotency key at a dotted path, as a copy.
 * @throws Fault `invalid-input` where something on the way is no object, or another key stands there already
 */
export function withKey(variables: GraphqlVariables | undefined, path: string, key: string): GraphqlVariables {
  const [first = '', ...rest] = path.split('.')
  return put(variables ?? {}, first, rest, key, path)
}

function put(
  target: GraphqlVariables,
  name: string,
  rest: readonly string[],
  key: string,
  path: string,
): GraphqlVariables {
  const present = Object.hasOwn(target, name) ? target[name] : undefined
  const [next, ...further] = rest
  if (next === undefined) {
    if (present !== undefined && present !== null && present !== key)
      throw refused(path, 'holds another key than the call: give one of them only')
    return { ...target, [name]: key }
  }
  if (present !== undefined && present !== null && !isObject(present)) throw refused(path, 'cannot hold the key')
  return { ...target, [name]: put((present ?? {}) as GraphqlVariables, next, further, key, path) }
}

function refused(path: string, message: string): Fault {
  return new Fault({ kind: 'invalid-input', sent: 'none', issues: [{ path: `variables.${path}`, message }] })
}
