import type { Clock } from '../../clock.ts'
import { Fault, isPatchbayError } from '../../errors.ts'
import { parseWait } from '../../http/retry-after.ts'
import type { HttpResponse, Transport } from '../../http/transport.ts'
import type { StoredEndpoint } from './endpoint.ts'
import type { EndpointRegistry } from './registry.ts'

/** A message as it waits for its deliveries. */
export interface OutgoingMessage {
  readonly type: string
  readonly key?: string | undefined
  readonly contentType: string
  readonly body: string
}

/** What one request came to. */
export type DeliveryResult =
  | { readonly kind: 'delivered'; readonly status: number }
  | { readonly kind: 'gone'; readonly status: number }
  | {
      readonly kind: 'failed'
      readonly status: number | undefined
      readonly reason: string
      /** Milliseconds that the endpoint asked for. */
      readonly retryAfterMs: number | undefined
      /** The endpoint as a whole is to be left alone for a while. */
      readonly throttle: boolean
    }

export interface DelivererOptions {
  readonly transport: Transport
  readonly registry: EndpointRegistry
  readonly clock: Clock
  /** Longest time for one request, answer included. */
  readonly timeoutMs: number
  readonly userAgent: string
}

/** Statuses with which a server says "too much" rather than "wrong": Standard Webhooks, section Delivery. */
const throttling = new Set([429, 502, 504])

/** Signs one message afresh and sends it to one endpoint. Never rejects for what the endpoint does. */
export async function deliver(
  endpoint: StoredEndpoint,
  id: string,
  message: OutgoingMessage,
  options: DelivererOptions,
): Promise<DeliveryResult> {
  const { transport, registry, clock, timeoutMs, userAgent } = options
  const sign = await registry.signer(endpoint)
  const signed = sign({ id, sentAt: clock.now(), body: message.body })
  let response: HttpResponse
  try {
    response = await transport.send({
      method: 'POST',
      url: endpoint.url,
      headers: { ...signed, 'content-type': message.contentType, 'user-agent': userAgent },
      body: message.body,
      origin: 'tenant',
      deadlineAt: clock.monotonic() + timeoutMs,
      limits: { maxRedirects: 0, maxBodyBytes: 65_536 },
    })
  } catch (error) {
    const facts = error instanceof Fault ? error.facts : isPatchbayError(error) ? error : undefined
    const reason = [facts?.kind ?? 'unexpected', facts?.code].filter(Boolean).join(' ')
    return { kind: 'failed', status: undefined, reason, retryAfterMs: undefined, throttle: false }
  }
  const { status } = response
  if (status >= 200 && status < 300) return { kind: 'delivered', status }
  if (status === 410) return { kind: 'gone', status }
  const retryAfterMs = retryAfter(response, clock.now())
  const throttle = throttling.has(status) || (status === 503 && retryAfterMs !== undefined)
  return { kind: 'failed', status, reason: `status ${status}`, retryAfterMs, throttle }
}

/** Longest wait that an endpoint can ask for. */
const longestRetryAfterMs = 86_400_000

/** RFC 9110 section 10.2.3: seconds or an HTTP date. */
function retryAfter({ headers }: HttpResponse, now: number): number | undefined {
  const field = headers['retry-after']
  const text = typeof field === 'string' ? field : field?.[0]
  const ms = text === undefined ? undefined : parseWait(text, 'auto', () => now)
  return ms === undefined ? undefined : Math.min(ms, longestRetryAfterMs)
}
