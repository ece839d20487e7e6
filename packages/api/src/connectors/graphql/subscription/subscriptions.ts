import { type Call, Fault, type OpenEnv } from '@patchbay/core'
import type { HttpClient } from '@patchbay/core/http'
import { resultOf } from '../answer.ts'
import { type GraphqlConfig, type SubscriptionConfig, subscriptionConfig } from '../config.ts'
import { withoutText } from '../persisted.ts'
import { openEventStream } from './event-stream-session.ts'
import type { OpenSubscription, Session, SubscriptionInput } from './session.ts'

export interface SubscriptionsOptions {
  /** A client for a URL. */
  readonly http: (url: string) => HttpClient
  readonly config: GraphqlConfig
  readonly env: OpenEnv
}

/** Opens the subscriptions of one connection, and ends them with it. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions
  readonly #settings: SubscriptionConfig
  readonly #open = new Set<Session>()
  #http: HttpClient | undefined
  #closed = false

  constructor(options: SubscriptionsOptions) {
    this.#options = options
    this.#settings = subscriptionConfig(options.config.subscriptions)
  }

  async open(input: SubscriptionInput, call: Call): Promise<OpenSubscription> {
    if (this.#closed) throw closedFault()
    const { errors, persisted, errorPolicy } = this.#options.config
    if (input.document.text === undefined && persisted?.mode !== 'trusted') throw withoutText()
    const session = await this.#begin(input, call)
    const policy = input.errorPolicy ?? errorPolicy
    const clean = (text: string): string | undefined => session.clean(text)
    const end = (reason?: unknown): void => {
      this.#open.delete(session)
      session.close(reason)
    }
    this.#open.add(session)
    // Given up, or closed, while it was on its way: nobody will ever read it.
    if (this.#closed || call.cancelReason !== undefined) {
      end()
      throw this.#closed ? closedFault() : call.cancelReason
    }
    return {
      async next() {
        try {
          const event = await session.next()
          if (event !== undefined) {
            return {
              result: resultOf(event.body, {
                policy,
                status: undefined,
                clean,
                codes: errors?.codes,
                variables: input.variables,
              }),
              id: event.id,
            }
          }
        } catch (error) {
          end()
          throw error
        }
        end()
        return undefined
      },
      close: end,
      get retryMs() {
        return session.retryMs
      },
    }
  }

  async #begin(input: SubscriptionInput, call: Call): Promise<Session> {
    const { config, env, http } = this.#options
    const subscriptions = this.#settings
    const url = subscriptions.url ?? config.url
    if (subscriptions.protocol === 'websocket') {
      const { openWebSocket } = await import('./web-socket-session.ts')
      return openWebSocket(input, call, { url, env, config, subscriptions })
    }
    this.#http ??= http(url)
    return openEventStream(input, call, { http: this.#http, config, subscriptions, url })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const session of [...this.#open]) session.close(closedFault())
  }
}

function closedFault(): Fault {
  const message = 'the connection was closed'
  return new Fault({ kind: 'unavailable', code: 'closed', retry: 'never', sent: 'none', message })
}
