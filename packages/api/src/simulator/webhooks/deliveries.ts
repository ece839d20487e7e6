import type { Clock, Random } from '@patchbay/core'
import type { WebhookPreset, WebhookScheme } from '@patchbay/core/webhooks'
import type { NamedSchemas } from '../../json-schema/field-schema.ts'
import { sample } from '../../json-schema/sampler.ts'
import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { webhookPresets } from '../../webhooks/webhook-presets.ts'
import { schemaOf } from '../vendor/operation-plan.ts'
import { isObject, merged, valueAt, withValueAt } from '../wire/own-value.ts'
import { DraftMessage } from './draft-message.ts'
import { signMessage, type WebhookKeys, webhookKeys } from './sign-message.ts'

export interface DeliveryOptions {
  /** Fields of the event, over what the schema gives. */
  readonly data?: Readonly<Record<string, unknown>> | undefined
  /** Where the inbox listens. Default `https://app.example.com/webhooks`. */
  readonly url?: string | undefined
  /** `wrong`: signed with another secret. */
  readonly signature?: 'right' | 'wrong' | undefined
  /** When it was signed. Default: now. */
  readonly at?: Date | undefined
  /** Of the delivery; two with the same id are one. */
  readonly id?: string | undefined
}

/** A message that the vendor pushes, as an inbox receives it. */
export interface Delivery {
  readonly method: 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

type Webhook = NonNullable<IntegrationManifest['webhooks']>[string]

/** Messages of a simulated vendor, signed as its manifest says. */
export class Deliveries {
  readonly #manifest: IntegrationManifest
  readonly #random: Random
  readonly #clock: Clock
  readonly #keys = new Map<string, WebhookKeys>()
  #made = 0

  constructor(manifest: IntegrationManifest, random: Random, clock: Clock) {
    this.#manifest = manifest
    this.#random = random
    this.#clock = clock
  }

  keys(name: string): WebhookKeys {
    const known = this.#keys.get(name) ?? webhookKeys(this.#scheme(name), this.#random)
    this.#keys.set(name, known)
    return known
  }

  make(name: string, type: string, options: DeliveryOptions = {}): Delivery {
    const webhook = this.#webhook(name)
    if (!Object.hasOwn(webhook.events, type)) throw new TypeError(`the webhook ${name} has no event ${type}`)
    const scheme = this.#scheme(name)
    const id = options.id ?? `delivery-${++this.#made}`
    const form = 'signed' in scheme && scheme.signed.some((part) => 'form' in part)
    const message = new DraftMessage(
      options.url ?? 'https://app.example.com/webhooks',
      this.#body(webhook, type, id, options.data),
      form,
    )
    if (webhook.type !== undefined && 'header' in webhook.type)
      message.headers.set(webhook.type.header.toLowerCase(), type)
    if (webhook.id !== undefined && 'header' in webhook.id) message.headers.set(webhook.id.header.toLowerCase(), id)
    if (webhook.entity !== undefined && 'header' in webhook.entity)
      message.headers.set(webhook.entity.header.toLowerCase(), 'entity-1')
    const signing = options.signature === 'wrong' ? webhookKeys(scheme, this.#random).signing : this.keys(name).signing
    signMessage(message, { scheme, signing, id, at: options.at?.getTime() ?? this.#clock.now() })
    return { method: 'POST', url: message.url.href, headers: Object.fromEntries(message.headers), body: message.bytes }
  }

  #body(webhook: Webhook, type: string, id: string, data: DeliveryOptions['data']): unknown {
    const schema = webhook.events[type]?.schema
    const named = (this.#manifest.schemas ?? {}) as NamedSchemas
    const made = schema === undefined ? {} : sample(schemaOf(schema), named, this.#random, { now: this.#clock.now() })
    let body: unknown = isObject(made) ? made : {}
    const fill = (place: Webhook['type'], text: string, always: boolean): void => {
      if (place === undefined || !('body' in place)) return
      if (always || valueAt(body, place.body) === undefined) body = withValueAt(body, place.body, text)
    }
    fill(webhook.type, type, true)
    fill(webhook.id, id, true)
    fill(webhook.entity, 'entity-1', false)
    return data === undefined ? body : merged(body, data)
  }

  #webhook(name: string): Webhook {
    const { webhooks = {}, id } = this.#manifest
    const webhook = Object.hasOwn(webhooks, name) ? webhooks[name] : undefined
    if (webhook === undefined) throw new TypeError(`${id} has no webhook ${name}`)
    return webhook
  }

  #scheme(name: string): WebhookScheme {
    const { preset, scheme } = this.#webhook(name)
    const known = preset === undefined ? undefined : (webhookPresets as Readonly<Record<string, WebhookPreset>>)[preset]
    // What nobody signs comes with a secret in the address.
    return (
      (scheme as WebhookScheme | undefined) ??
      known?.scheme ?? { kind: 'shared-token', token: { from: 'query', name: 'secret' } }
    )
  }
}
