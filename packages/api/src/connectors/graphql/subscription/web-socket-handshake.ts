import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Call, Fault, type OpenEnv, type SignableRequest } from '@patchbay/core'
import { type CleanText, secretsIn, statusReader, vendorText } from '@patchbay/core/http'
import type { WebSocket } from 'ws'
import type { GraphqlConfig, SubscriptionConfig } from '../config.ts'
import { usualCodes } from '../graphql-facts.ts'

export const subprotocol = 'graphql-transport-ws'

export interface Handshake {
  readonly socket: WebSocket
  /** The request that the credential signed, for `connection_init` and for a renewal. */
  readonly signed: SignableRequest
  readonly clean: CleanText
}

/**
 * Opens a WebSocket whose bytes go through core's transport: address guard, TLS identity and proxy hold as for requests, and the credential
 * signs the handshake.
 */
export async function shakeHands(
  url: string,
  headers: Readonly<Record<string, string>>,
  call: Call,
  env: OpenEnv,
  config: { readonly subscriptions: SubscriptionConfig; readonly errors: GraphqlConfig['errors'] },
): Promise<Handshake> {
  const transport = await env.transport()
  if (transport.openSocket === undefined) {
    const message = 'this transport opens no sockets: leave `transport` out, or use subscriptions over sse'
    throw new Fault({ kind: 'unsupported', code: 'no-sockets', sent: 'none', message })
  }
  const signed: SignableRequest = {
    method: 'GET',
    url: url.replace(/^ws/, 'http'),
    headers: { 'user-agent': 'patchbay', ...headers },
    body: undefined,
  }
  const signing = env.credential.apply(signed, call)
  if (signing !== undefined) await signing
  const secrets = secretsIn(signed, env.credential.marks)
  const clean: CleanText = (text) => vendorText(text, secrets)
  const { WebSocket } = await import('ws')
  const raw = await transport.openSocket({
    url: signed.url,
    cancellation: call,
    deadlineAt: call.deadlineAt,
  })
  call.sent = 'maybe'
  const socket = new WebSocket(signed.url.replace(/^http/, 'ws'), [subprotocol], {
    headers: signed.headers as Record<string, string>,
    createConnection: () => raw as never,
    // Compression costs memory per connection and is a way to send a little that becomes much.
    perMessageDeflate: false,
    maxPayload: config.subscriptions.maxEventBytes,
    followRedirects: false,
  })
  try {
    await opened(socket, raw, call, async (response) => {
      const { statusCode: status = 0, headers: fields } = response
      const answer = { status, headers: fields as Record<string, string>, body: await start(response) }
      const codes = { ...usualCodes, ...config.errors?.codes }
      const facts = statusReader({ codes })(answer, [], secrets)
      const refused = (env.credential.refusals ?? [401]).includes(status)
      const again = call.freeRetries?.includes('credential-refreshed') === true
      const freeRetry = refused && !again ? await env.credential.refresh?.(signed, answer, call) : undefined
      return new Fault({ ...facts, freeRetry })
    })
  } catch (error) {
    socket.on('error', ignore).terminate()
    raw.destroy()
    throw error
  }
  return { socket, signed, clean }
}

function opened(
  socket: WebSocket,
  raw: Duplex,
  call: Call,
  refused: (response: IncomingMessage) => Promise<unknown>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      unlisten()
      socket.off('open', open).off('error', failed).off('unexpected-response', unexpected)
      raw.off('close', dropped)
      act()
    }
    const open = (): void => settle(resolve)
    const failed = (error: Error): void => settle(() => reject(wireFault(error)))
    const dropped = (): void => settle(() => reject(wireFault(new Error('the connection was closed'))))
    const unexpected = (_request: unknown, response: IncomingMessage): void => {
      raw.off('close', dropped)
      refused(response).then(
        (fault) => settle(() => reject(fault)),
        (error) => settle(() => reject(error)),
      )
    }
    socket.on('open', open).on('error', failed).on('unexpected-response', unexpected)
    raw.on('close', dropped)
    const unlisten = call.onCancel((reason) => settle(() => reject(reason)))
  })
}

const mostExplanation = 64 * 1024

async function start(response: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let size = 0
  try {
    for await (const part of response) {
      parts.push(part)
      size += part.length
      if (size > mostExplanation) break
    }
  } catch {
    // What came is enough.
  }
  return Buffer.concat(parts)
}

/** An error of the socket or of the WebSocket protocol. Its own text may quote what was received. */
export function wireFault(error: Error): Fault {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
    const message = 'an event is larger than subscriptions.maxEventBytes'
    return new Fault({ kind: 'protocol', code: 'event-too-large', sent: 'all', message })
  }
  if (code?.startsWith('WS_ERR_') === true || /^Server sent|^Invalid|subprotocol/.test(error.message)) {
    const message = `the server does not speak ${subprotocol} over WebSocket here`
    return new Fault({ kind: 'protocol', code: 'no-websocket', sent: 'all', message })
  }
  const message = 'the connection of the subscription broke'
  return new Fault({ kind: 'network', code: code ?? 'socket-closed', message })
}

function ignore(): void {}
