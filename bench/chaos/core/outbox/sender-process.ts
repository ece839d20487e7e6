// A host that publishes webhooks and delivers them to two endpoints, until it is killed.
import { randomUUID } from 'node:crypto'
import { systemClock } from '@patchbay/core'
import { undiciTransport } from '@patchbay/core/http'
import { envelopeVault, localKeyring } from '@patchbay/core/vault'
import { webhookSender } from '@patchbay/core/webhooks'
import { hear, type LifeSettings, lifeBegins, openStore, tell } from '../mortal-process.ts'

export interface SenderSettings extends LifeSettings {
  readonly url: string
  readonly secret: string
  readonly masterKey: string
}

/** What the drill wants published: one happening, under one id. */
export interface Happening {
  readonly key: string
  readonly n: number
}

const { url, secret, masterKey, ...settings } = await lifeBegins<SenderSettings>()
const { sabotage } = settings
const sender = webhookSender({
  store: openStore(settings),
  transport: undiciTransport({ clock: systemClock, allow: [{ cidr: '127.0.0.0/8' }] }),
  vault: envelopeVault({ keys: localKeyring({ current: 'drill', keys: { drill: masterKey } }) }),
  allowHttp: true,
  retry: { delaysMs: Array<number>(100).fill(15) },
  throttleMs: 10,
  leaseMs: 300,
  pollMs: 100,
})

for (const id of ['ordered', 'plain'])
  if ((await sender.endpoints.get(id)) === undefined)
    await sender.endpoints.create({ id, url: `${url}/${id}`, secret, ordered: id === 'ordered', concurrency: 6 })

/** Resolves when the happening is safe. The id is the caller's, so that saying it again is no second message. */
async function publish({ key, n }: Happening): Promise<void> {
  const id = sabotage === 'fresh-ids' ? randomUUID() : `${key}-${n}`
  await sender.publish({ id, type: 'drill.happened', data: { key, n }, key })
}

hear(({ publish: happening }) => {
  if (happening === undefined) return
  const one = happening as Happening
  // Says that it is safe before it is.
  if (sabotage === 'publish-early') tell({ published: one })
  publish(one).then(
    () => tell({ published: one }),
    (error: unknown) => tell({ refused: one, why: String(error) }),
  )
})
sender.start()
tell({ sending: true })
