import { createHmac } from 'node:crypto'
import { type Agent, request } from 'node:http'
import type { StormMessage } from './storm-message.ts'

export interface Post {
  readonly agent: Agent
  readonly port: number
  readonly id: string
  readonly message: StormMessage
  readonly secret: string
  /** Share of the body after which the sender goes away, or the receiver is killed by `broken`. */
  readonly breakAt?: number | undefined
  /** Called when the share was sent; the connection ends after it. */
  readonly broken?: (() => unknown) | undefined
  /** Called when the whole request was sent. */
  readonly sent?: (() => unknown) | undefined
}

/** Delivers one signed webhook; gives the status, or undefined when none came. */
export function post({ agent, port, id, message, secret, breakAt, broken, sent }: Post): Promise<number | undefined> {
  const body = Buffer.from(JSON.stringify(message))
  const headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    'x-delivery': id,
    'x-signature': createHmac('sha256', secret).update(body).digest('hex'),
  }
  return new Promise((resolve) => {
    const sending = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/', headers }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
      response.on('error', () => resolve(undefined))
    })
    sending.setTimeout(5000, () => sending.destroy())
    sending.on('error', () => resolve(undefined))
    sending.on('close', () => resolve(undefined))
    if (breakAt === undefined) {
      sending.end(body, () => sent?.())
      return
    }
    sending.write(body.subarray(0, Math.max(1, Math.floor(body.length * breakAt))), () => {
      broken?.()
      sending.destroy()
    })
  })
}
