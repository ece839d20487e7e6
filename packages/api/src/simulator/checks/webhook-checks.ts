import { memoryStore } from '@patchbay/core/stores/memory'
import { type WebhookScheme, webhookInbox } from '@patchbay/core/webhooks'
import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { webhookPresets } from '../../webhooks/webhook-presets.ts'
import { demand } from './compare.ts'
import { bench, type IntegrationCheck, type IntegrationSubject } from './subject.ts'

/** Messages of the vendor are taken; those of others, old ones and repeated ones are not. */
export function webhookChecks(manifest: IntegrationManifest): readonly IntegrationCheck[] {
  return Object.entries(manifest.webhooks ?? {}).flatMap(([name, webhook]) => {
    const presets = webhookPresets as unknown as Readonly<
      Record<string, { readonly scheme: WebhookScheme; readonly unnamed?: string } | undefined>
    >
    const scheme = (webhook.scheme as WebhookScheme | undefined) ?? presets[webhook.preset ?? '']?.scheme
    // Without an id, and with the same content in messages that are not the same, a repetition cannot be told.
    const named = webhook.id !== undefined || presets[webhook.preset ?? '']?.unnamed !== 'arrival'
    return {
      name: `the webhook ${name} takes what the vendor signed, once, and nothing else`,
      effect: 'read' as const,
      needs: [],
      about: name,
      impossible: scheme?.kind === 'sns' ? 'its signatures need a certificate of the vendor' : undefined,
      run: (subject: IntegrationSubject) => takes(subject, name, scheme, named),
    }
  })
}

type Source = { source(options: object): object; event(message: object): { readonly type: string } | undefined }

async function takes(
  subject: IntegrationSubject,
  name: string,
  scheme: WebhookScheme | undefined,
  named: boolean,
): Promise<void> {
  const one = bench(subject)
  const { simulator, clock } = one
  const tested = (one.webhooks as unknown as Readonly<Record<string, Source>>)[name]
  demand(tested !== undefined, `webhooks.${name} is not there`)
  const source = tested.source({ ...simulator.webhookKeys(name) })
  const inbox = webhookInbox({ store: memoryStore({ clock }), clock, sources: { vendor: source as never } })
  const receive = async (delivery: ReturnType<typeof simulator.deliver>): Promise<string> => {
    const receipt = await one.run(inbox.receive('vendor', delivery))
    return JSON.stringify(receipt)
  }
  const where = `webhooks.${name}`
  // Where nothing names messages, and different ones may be equal, a repetition cannot be known.
  const equal = 'unnamed' in source && source.unnamed === 'arrival' && !('messageId' in source)
  for (const type of Object.keys(subject.manifest.webhooks?.[name]?.events ?? {})) {
    const delivery = simulator.deliver(name, type, { id: `delivery-of-${type.replace(/[^A-Za-z0-9]/g, '-')}` })
    const verdict = await receive(delivery)
    demand(isTaken(verdict), `${where}.events["${type}"]: a message that the vendor signed was refused: ${verdict}`)
    const headers = Object.fromEntries(
      Object.entries(delivery.headers).map(([key, value]) => [key.toLowerCase(), value]),
    )
    const event = tested.event({ headers, json: () => parsed(delivery.body) })
    demand(event?.type === type, `${where}.type: the message of ${type} was read as ${event?.type ?? 'nothing'}`)
    if (!named) continue
    const again = await receive(delivery)
    demand(equal || !isTaken(again), `${where}.id: the same delivery was taken twice: ${again}`)
  }
  const [type = ''] = Object.keys(subject.manifest.webhooks?.[name]?.events ?? {})
  const wrong = await receive(simulator.deliver(name, type, { id: 'forged-1', signature: 'wrong' }))
  demand(!isTaken(wrong), `${where}: a message with a wrong signature was taken: ${wrong}`)
  const dated =
    scheme !== undefined &&
    (scheme.kind === 'standard-webhooks' || ('timestamp' in scheme && scheme.timestamp !== undefined))
  if (dated) {
    const old = await receive(simulator.deliver(name, type, { id: 'old-1', at: new Date(clock.now() - 7_200_000) }))
    demand(!isTaken(old), `${where}: a message that was signed two hours ago was taken: ${old}`)
  }
  await one.close()
}

const parsed = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(body).toString())
  } catch {
    return Object.fromEntries(new URLSearchParams(Buffer.from(body).toString()))
  }
}

const statusOf = (receipt: string): { readonly outcome?: string } => JSON.parse(receipt)
const isTaken = (receipt: string): boolean => statusOf(receipt).outcome === 'accepted'
