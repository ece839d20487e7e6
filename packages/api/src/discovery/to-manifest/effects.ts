import type { OperationModel } from '../model.ts'
import { wordsOf } from './names.ts'
import type { Guesses } from './report.ts'

export interface EffectAndRisk {
  readonly effect: 'read' | 'idempotent' | 'write'
  readonly risk?: 'destructive' | undefined
}

const reads = /^(?:list|get|search|find|query|count|check|preview|read|export|test|validate|lookup|describe|resolve)$/
const destroys = /^(?:delete|destroy|purge|erase|wipe)/

/**
 * From the method (RFC 9110, section 9.2), except where the name says that a POST only reads: many vendors search with a body. Said in the
 * report, since a wrong guess would let a write be sent twice.
 */
export function effectOf(operation: OperationModel, name: string, guesses: Guesses): EffectAndRisk {
  const { method } = operation
  const verb = name.split('.')[1] ?? ''
  const first = wordsOf(verb)[0]?.toLowerCase() ?? ''
  const place = `operations.${name}.effect`
  const risk =
    method === 'DELETE' || (destroys.test(verb) && method !== 'GET') ? ({ risk: 'destructive' } as const) : {}
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return { effect: 'read' }
  if (method === 'PUT' || method === 'DELETE') return { effect: 'idempotent', ...risk }
  if (method === 'POST' && reads.test(first) && !('risk' in risk)) {
    guesses.add(place, 'read', 'medium', `the POST is named "${verb}"; make it write if it changes anything`)
    return { effect: 'read' }
  }
  return { effect: 'write', ...risk }
}
