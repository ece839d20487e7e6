import { createHmac, randomUUID } from 'node:crypto'

/** One webhook on its way. */
export interface Delivery {
  readonly id: string
  readonly event: string
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
  /** How it was forged; undefined for a genuine one. */
  readonly forgery?: Forgery
}

export const forgeries = [
  'altered body',
  'wrong secret',
  'former secret',
  'no signature',
  'sha1 only',
  'cut signature',
  'oversized',
] as const
export type Forgery = (typeof forgeries)[number]

export interface Secrets {
  readonly secret: string
  /** Was the secret once. */
  readonly formerSecret: string
}

/** As GitHub sends it. */
export function genuine(event: string, body: Buffer, { secret }: Secrets): Delivery {
  const id = randomUUID()
  return { id, event, body, headers: { ...headersOf(id, event), [signatureHeader]: sign(body, secret) } }
}

/** As somebody sends it who has seen a genuine one, under an id of its own. */
export function forged(forgery: Forgery, original: Delivery, secrets: Secrets, oversizedBytes: number): Delivery {
  const { event } = original
  const id = randomUUID()
  const { body = original.body, signature } = forgedParts(forgery, original, secrets, oversizedBytes)
  return { id, event, body, headers: { ...headersOf(id, event), ...signature }, forgery }
}

interface ForgedParts {
  readonly body?: Buffer
  readonly signature?: Readonly<Record<string, string>>
}

function forgedParts(
  forgery: Forgery,
  { body, headers }: Delivery,
  { secret, formerSecret }: Secrets,
  oversizedBytes: number,
): ForgedParts {
  switch (forgery) {
    case 'altered body':
      return {
        body: Buffer.concat([body, Buffer.from(' ')]),
        signature: { [signatureHeader]: headers[signatureHeader] ?? '' },
      }
    case 'wrong secret':
      return { signature: { [signatureHeader]: sign(body, 'a guess') } }
    case 'former secret':
      return { signature: { [signatureHeader]: sign(body, formerSecret) } }
    case 'no signature':
      return {}
    case 'sha1 only':
      // What GitHub sent years ago, and still sends beside the other.
      return { signature: { 'x-hub-signature': `sha1=${createHmac('sha1', secret).update(body).digest('hex')}` } }
    case 'cut signature':
      return { signature: { [signatureHeader]: sign(body, secret).slice(0, 40) } }
    case 'oversized': {
      const large = Buffer.alloc(oversizedBytes, ' ')
      return { body: large, signature: { [signatureHeader]: sign(large, secret) } }
    }
  }
}

const signatureHeader = 'x-hub-signature-256'

function sign(body: Buffer, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
}

function headersOf(id: string, event: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/044aadd',
    'x-github-delivery': id,
    'x-github-event': event,
    'x-github-hook-id': '292430182',
  }
}
