import { patchbayError, type Schema, type WebhookTrigger } from '@patchbay/core'
import { pathReader } from '@patchbay/core/http'
import type { WebhookPreset, WebhookSourceOptions } from '@patchbay/core/webhooks'
import { compileSchema, schemaOf } from '../json-schema/compile-schema.ts'
import type { FieldSchema } from '../json-schema/field-schema.ts'
import { webhookPresets } from '../webhooks/webhook-presets.ts'
import type { DeclaredWebhook } from './integration-types.ts'
import { manifestFault } from './manifest-fault.ts'
import { entryOf, type Manifest, schemaNamed, schemasOf, type WebhookEntry } from './manifest-parts.ts'

type Headers = Readonly<Record<string, string>>
type Read = (headers: Headers, body: unknown) => string | undefined
type Place = NonNullable<WebhookEntry['type']>

type AnyWebhook = DeclaredWebhook<Readonly<Record<string, unknown>>>

/** A webhook of a manifest: its source for an inbox, and its messages as events. */
export function declaredWebhook(manifest: Manifest, name: string, entry: WebhookEntry): AnyWebhook {
  const typeOf = reader(entry.type)
  const idOf = reader(entry.id)
  const checks = new Map<string, ReturnType<typeof compileSchema>>()
  const check = (type: string, schema: FieldSchema, body: unknown): unknown => {
    let compiled = checks.get(type)
    if (compiled === undefined) {
      compiled = compileSchema(schema, schemasOf(manifest), 'tolerant', { side: 'output' })
      checks.set(type, compiled)
    }
    const verdict = compiled(body)
    if ('value' in verdict) return verdict.value
    const message = `the message of the webhook ${name} is not what the manifest says of ${type}`
    throw patchbayError({ kind: 'protocol', code: 'event', message, issues: verdict.issues })
  }
  return {
    source(options) {
      const { scheme, handshakes, keep = [], unnamed, maxBodyBytes } = settingsOf(entry, name)
      const kept = [...new Set([...keep, ...headersRead(entry)])]
      return {
        ...(handshakes === undefined ? {} : { handshakes }),
        ...(unnamed === undefined ? {} : { unnamed }),
        ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
        ...(idOf === undefined ? {} : { messageId: idOf }),
        ...options,
        scheme: options.scheme ?? scheme,
        keep: [...kept, ...(options.keep ?? [])],
      }
    },
    event(message) {
      const { headers } = message
      const body = message.json()
      const names = Object.keys(entry.events)
      const type = typeOf === undefined ? names[0] : typeOf(headers, body)
      const event = type === undefined ? undefined : entryOf(entry.events, type)
      if (type === undefined || event === undefined) return undefined
      const schema = schemaNamed(event.schema as string | FieldSchema | undefined)
      return { type, data: schema === undefined ? body : check(type, schema, body) }
    },
  }
}

/** The same as core's contract of connectors has it. */
export function webhookTrigger(manifest: Manifest, name: string, entry: WebhookEntry): WebhookTrigger {
  const idOf = reader(entry.id)
  const entityOf = reader(entry.entity)
  const { scheme } = settingsOf(entry, name)
  const [only] = Object.values(entry.events)
  const schema =
    Object.keys(entry.events).length === 1 ? schemaNamed(only?.schema as string | FieldSchema | undefined) : undefined
  const event: Schema = schemaOf(schema ?? {}, schemasOf(manifest), 'tolerant', { side: 'output' })
  return {
    kind: 'webhook',
    scheme,
    event,
    ...(idOf === undefined ? {} : { messageId: idOf }),
    ...(entityOf === undefined ? {} : { entityKey: (body: unknown, headers: Headers) => entityOf(headers, body) }),
  }
}

interface Settings {
  readonly scheme: WebhookSourceOptions['scheme']
  readonly handshakes: WebhookSourceOptions['handshakes'] | undefined
  readonly keep: readonly string[]
  readonly unnamed: WebhookSourceOptions['unnamed'] | undefined
  readonly maxBodyBytes: number | undefined
}

/** What the preset knows, and what the manifest says instead or besides. */
function settingsOf(entry: WebhookEntry, name: string): Settings {
  const preset =
    entry.preset === undefined
      ? undefined
      : entryOf(webhookPresets as Readonly<Record<string, WebhookPreset>>, entry.preset)
  if (entry.preset !== undefined && preset === undefined)
    throw manifestFault(`webhooks.${name}.preset`, `${entry.preset} is no preset`)
  // Messages that nobody signs are taken with a secret that only the vendor's configuration holds.
  const shared =
    entry.unsigned === undefined ? undefined : { kind: 'shared-token', token: { from: 'query', name: 'secret' } }
  const scheme = (entry.scheme ?? preset?.scheme ?? shared) as Settings['scheme'] | undefined
  if (scheme === undefined) throw manifestFault(`webhooks.${name}`, 'says not how messages are verified')
  return {
    scheme,
    handshakes: (entry.handshakes as Settings['handshakes']) ?? preset?.handshakes,
    keep: [...(preset?.keep ?? []), ...(entry.keep ?? [])].map((header) => header.toLowerCase()),
    unnamed: preset?.unnamed,
    maxBodyBytes: entry.maxBodyBytes ?? preset?.maxBodyBytes,
  }
}

/** Headers that hold type, id or entity must be kept with the message. */
function headersRead({ type, id, entity }: WebhookEntry): readonly string[] {
  return [type, id, entity].flatMap((place) =>
    place !== undefined && 'header' in place ? [place.header.toLowerCase()] : [],
  )
}

function reader(place: Place | undefined): Read | undefined {
  if (place === undefined) return undefined
  if ('header' in place) {
    const name = place.header.toLowerCase()
    return (headers) => (Object.hasOwn(headers, name) ? headers[name] : undefined)
  }
  const read = pathReader(place.body)
  return (_, body) => {
    const value = read(body)
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
  }
}
