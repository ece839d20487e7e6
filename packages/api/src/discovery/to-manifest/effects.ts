import type { OperationModel } from '../model.ts'
import { wordsOf } from './names.ts'
import type { Guesses } from './report.ts'

export interface EffectAndRisk {
  readonly effect: 'read' | 'idempotent' | 'write'
  readonly risk?: 'destructive' | undefined
  readonly note?: string | undefined
}

const reads = /^(?:list|get|search|find|query|count|check|preview|read|export|test|validate|lookup|describe|resolve)$/
/** RPC-like APIs take a GET for anything. */
const changes =
  /^(?:delete|remove|revoke|reset|add|create|update|set|send|push|share|kick|invite|archive|unarchive|join|leave|cancel|disconnect|activate|deactivate|enable|disable|start|stop|restart|kill|logout|post|write|approve|reject|pin|unpin|mute|unmute|rename)$/
const destroys = /^(?:delete|destroy|purge|erase|wipe)/

/**
 * From the method (RFC 9110, section 9.2), except where the name says that a POST only reads, since many vendors search with a body, or that a
 * GET changes something. Said in the report: a wrong guess would let a write be sent twice.
 */
export function effectOf(operation: OperationModel, name: string, guesses: Guesses): EffectAndRisk {
  const { method } = operation
  const verb = name.split('.')[1] ?? ''
  const first = wordsOf(verb)[0]?.toLowerCase() ?? ''
  const place = `operations.${name}.effect`
  const risk =
    method === 'DELETE' || (destroys.test(verb) && method !== 'GET') ? ({ risk: 'destructive' } as const) : {}
  if (method === 'GET' && changes.test(first)) {
    guesses.add(place, 'write', 'medium', `the GET is named "${verb}"; make it read if it changes nothing`)
    const harm = destroys.test(verb) ? ({ risk: 'destructive' } as const) : {}
    return {
      effect: 'write',
      ...harm,
      note: `Its name says that it changes something, so it is not repeated: ${verb}.`,
    }
  }
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return { effect: 'read' }
  if (method === 'PUT' || method === 'DELETE') return { effect: 'idempotent', ...risk }
  if (method === 'POST' && reads.test(first) && !('risk' in risk)) {
    guesses.add(place, 'read', 'medium', `the POST is named "${verb}"; make it write if it changes anything`)
    return { effect: 'read' }
  }
  return { effect: 'write', ...risk }
}
