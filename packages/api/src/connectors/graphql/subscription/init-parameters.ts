import type { SignableRequest } from '@patchbay/core'
import type { SubscriptionConfig } from '../config.ts'
import { isObject } from '../input.ts'

/**
 * The payload of `connection_init`: what the config names, and the Authorization that the credential wrote, for servers that look for it
 * there and not in the handshake. A credential that writes another header or a signature is in the handshake alone.
 */
export function initParameters(
  { headers }: SignableRequest,
  { parameters, tokenAt, tokenAs }: SubscriptionConfig,
): Readonly<Record<string, unknown>> | undefined {
  const { authorization } = headers
  if (typeof authorization !== 'string' || tokenAs === 'none') return parameters
  const value = tokenAs === 'header' ? authorization : authorization.slice(authorization.indexOf(' ') + 1)
  return withValue(parameters ?? {}, tokenAt.split('.'), value)
}

function withValue(
  target: Readonly<Record<string, unknown>>,
  steps: readonly string[],
  value: string,
): Record<string, unknown> {
  const [step = '', ...rest] = steps
  if (rest.length === 0) return { ...target, [step]: value }
  const below = Object.hasOwn(target, step) && isObject(target[step]) ? target[step] : {}
  return { ...target, [step]: withValue(below, rest, value) }
}
