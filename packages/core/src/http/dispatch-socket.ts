import type { Socket } from 'node:net'
import type { Cancel, Clock } from '../clock.ts'
import { Fault } from '../errors.ts'
import { portOf } from './address.ts'
import { type BaseConnector, type ConnectPlan, openConnection } from './dispatch-connect.ts'
import { faultFacts } from './fault-facts.ts'
import type { SocketRequest } from './transport.ts'

export interface SocketParts {
  readonly url: URL
  /** Plan of the origin's pool. */
  readonly plan: ConnectPlan
  readonly base: BaseConnector
  readonly clock: Clock
  readonly connectMs: number
}

/**
 * Opens one socket that no pool keeps. Whatever the plan says about plain http behind a proxy, it is a tunnel: a proxy that forwards
 * requests cannot carry another protocol.
 */
export function openSocket(request: SocketRequest, parts: SocketParts): Promise<Socket> {
  const { cancellation, deadlineAt = Number.POSITIVE_INFINITY } = request
  const { url, plan, base, clock } = parts
  return new Promise((resolve, reject) => {
    if (cancellation?.cancelReason !== undefined) {
      reject(cancellation.cancelReason)
      return
    }
    const left = deadlineAt - clock.monotonic()
    const connectMs = Math.min(parts.connectMs, left)
    if (!(left > 0)) {
      const message = 'the deadline passed before the socket was opened'
      reject(new Fault({ kind: 'timeout', sent: 'none', code: 'deadline', message }))
      return
    }
    let unlisten: Cancel | undefined
    let settled = false
    const tunnelled: ConnectPlan = { ...plan, connectMs, route: plan.proxy === undefined ? 'direct' : 'tunnel' }
    const attempt = openConnection(tunnelled, base, null, (error, connection) => {
      unlisten?.()
      if (settled) {
        connection?.socket.destroy()
        return
      }
      settled = true
      if (connection === undefined) reject(explained(error, url, request))
      else resolve(connection.socket)
    })
    if (settled) return
    unlisten = cancellation?.onCancel((reason) => {
      settled = true
      reject(reason)
      attempt.abort(new Error('given up'))
    })
  })
}

function explained(error: unknown, url: URL, { urlSource }: SocketRequest): unknown {
  if (error instanceof Fault) return error
  const facts = faultFacts(error, {
    target: `${url.hostname}:${portOf(url)}`,
    started: false,
    answered: false,
    hasHead: false,
    sent: 'none',
    reused: false,
    certificateMissing: false,
    refusalKind: urlSource === 'input' ? 'invalid-input' : 'config',
  })
  return facts === undefined ? error : new Fault(facts)
}
