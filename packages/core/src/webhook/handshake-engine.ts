import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { patchbayError } from '../errors.ts'
import type { Transport } from '../http/transport.ts'
import { type MaybeSecret, secret as wrap } from '../secret.ts'
import type { Handshake } from './handshake.ts'
import type { Field } from './scheme.ts'
import { compileField } from './verification/fields.ts'
import type { InboundMessage } from './verification/message.ts'
import { activeKeys, hmacKey, timedKeys, type WebhookSecret } from './verification/secrets.ts'
import { snsUrl } from './verification/sns.ts'

/** What goes back to the sender. */
export interface HandshakeReply {
  readonly status: number
  readonly contentType: string | undefined
  readonly body: string
}

export interface HandshakeOptions {
  readonly clock: Clock
  readonly secrets?: readonly WebhookSecret[] | undefined
  /** What the operator told the sender to prove itself with (Meta's verify token). */
  readonly handshakeToken?: MaybeSecret<string> | undefined
  readonly transport?: Transport | undefined
}

/** Looks whether a message is a handshake of the given stage; undefined: it is none. */
export type HandshakeEngine = (
  message: InboundMessage,
  verified: boolean,
) => HandshakeReply | Promise<HandshakeReply> | undefined

/** Longest text echoed, in characters: challenges are short, and this answers strangers. */
const longestEcho = 2048

const refusedReply: HandshakeReply = { status: 403, contentType: undefined, body: '' }

export function compileHandshakes(handshakes: readonly Handshake[], options: HandshakeOptions): HandshakeEngine {
  const compiled = handshakes.map((handshake) => compile(handshake, options))
  return (message, verified) => {
    for (const one of compiled) {
      const reply = one(message, verified)
      if (reply !== undefined) return reply
    }
    return undefined
  }
}

function compile(handshake: Handshake, options: HandshakeOptions): HandshakeEngine {
  const conditions = handshake.when.map(({ field, equals }) => {
    const read = reader(field)
    return (message: InboundMessage): boolean => {
      const value = read(message)
      return value !== undefined && (equals === undefined || value === equals)
    }
  })
  const allowed = tokenCheck(handshake.token, options.handshakeToken)
  const answer = compileAnswer(handshake, options)
  return (message, verified) => {
    if (handshake.verified !== verified || message.method !== handshake.method) return undefined
    if (!conditions.every((holds) => holds(message))) return undefined
    return allowed(message) ? answer(message) : refusedReply
  }
}

function reader(field: Field): (message: InboundMessage) => string | undefined {
  const read = compileField(field, 'missing-field')
  return (message) => {
    const value = read(message)
    return typeof value === 'string' ? value : undefined
  }
}

function tokenCheck(
  field: Field | undefined,
  configured: MaybeSecret<string> | undefined,
): (message: InboundMessage) => boolean {
  if (field === undefined) return () => true
  // Nothing configured: nothing is accepted, as everywhere in this folder.
  if (configured === undefined) return () => false
  const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
  const token = wrap(configured).reveal()
  if (token === '') throw patchbayError({ kind: 'config', message: 'webhook source: handshakeToken is empty' })
  const ours = sha256(token)
  const read = reader(field)
  return (message) => timingSafeEqual(sha256(read(message) ?? ''), ours)
}

function compileAnswer(
  handshake: Handshake,
  options: HandshakeOptions,
): (message: InboundMessage) => HandshakeReply | Promise<HandshakeReply> {
  const { answer } = handshake
  switch (answer.kind) {
    case 'empty':
      return () => ({ status: 200, contentType: undefined, body: '' })
    case 'json':
      return () => json(answer.value)
    case 'echo': {
      const read = reader(answer.field)
      return (message) => {
        const text = echoable(read(message))
        if (text === undefined) return { ...refusedReply, status: 400 }
        if (answer.as === 'text') return { status: 200, contentType: 'text/plain; charset=utf-8', body: text }
        return json({ [answer.as.json]: text })
      }
    }
    case 'hmac-echo': {
      // Whoever may have any text signed with the secret can forge every message of a scheme that uses it.
      if (!handshake.verified)
        throw patchbayError({
          kind: 'config',
          message: 'webhook source: a handshake that answers with an HMAC must be verified first',
        })
      const read = reader(answer.field)
      const active = activeKeys(
        timedKeys(options.secrets, (text, name) => hmacKey(text, 'utf8', name)),
        options.clock,
      )
      return (message) => {
        const text = echoable(read(message))
        const key = active()[0]?.key
        if (text === undefined || key === undefined) return { ...refusedReply, status: 400 }
        return json({ [answer.plain]: text, [answer.hmac]: createHmac('sha256', key).update(text).digest('hex') })
      }
    }
    case 'sns-confirm':
      return confirmation(reader(answer.url), reader(answer.topic), options)
  }
}

/** Printable ASCII of moderate length; anything else is no challenge of a known sender. */
function echoable(text: string | undefined): string | undefined {
  return text !== undefined && text.length <= longestEcho && /^[\x20-\x7e]+$/.test(text) ? text : undefined
}

function json(value: unknown): HandshakeReply {
  return { status: 200, contentType: 'application/json', body: JSON.stringify(value) }
}

/** The message is verified already; the URL is still held to SNS in the topic's region, as it is about to be requested from inside. */
function confirmation(
  readUrl: (message: InboundMessage) => string | undefined,
  readTopic: (message: InboundMessage) => string | undefined,
  { transport, clock }: HandshakeOptions,
): (message: InboundMessage) => Promise<HandshakeReply> {
  if (transport === undefined)
    throw patchbayError({ kind: 'config', message: 'webhook source: confirming a subscription needs a transport' })
  return async (message) => {
    const url = snsUrl(readUrl(message) ?? '', readTopic(message) ?? '')
    if (url === undefined) return refusedReply
    try {
      const { status } = await transport.send({
        method: 'GET',
        url: url.href,
        origin: 'builtin',
        deadlineAt: clock.monotonic() + 10_000,
        limits: { maxBodyBytes: 65_536, maxRedirects: 0 },
      })
      // The sender repeats the message when this fails, so the failure is passed on.
      return { status: status >= 200 && status < 300 ? 200 : 503, contentType: undefined, body: '' }
    } catch {
      return { status: 503, contentType: undefined, body: '' }
    }
  }
}
