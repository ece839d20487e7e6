// The process that delivers webhooks as GitHub does: every example payload that Octokit publishes, signed, and again until it is taken;
// between them deliveries of people who do not know the secret.
import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { createRequire } from 'node:module'
import { type SeededRandom, seededRandom } from '@patchbay/core/testing'
import { answerParent } from '../drill/link.ts'
import { type Delivery, forged as forge, forgeries, genuine as sign } from './deliveries.ts'

interface Example {
  readonly name: string
  readonly examples: readonly object[]
}

export interface HooksStart {
  readonly seed: number
  readonly port: number
  readonly secret: string
  /** Once was the secret. */
  readonly formerSecret: string
  readonly oversizedBytes: number
}

export interface HooksTruth {
  /** Genuine deliveries: id, event and digest of the body. */
  readonly deliveries: readonly { readonly id: string; readonly event: string; readonly sha256: string }[]
  /** Genuine ones that got their 2xx. */
  readonly delivered: number
  /** Requests of genuine deliveries, the repeated ones included. */
  readonly sent: number
  /** Requests of genuine deliveries that got no 2xx, by what came instead. */
  readonly failures: Readonly<Record<string, number>>
  /** Repetitions that were sent on purpose after a 2xx. */
  readonly repeated: number
  /** Forgeries by kind. */
  readonly forged: Readonly<Record<string, number>>
  readonly forgeriesTaken: number
  /** Tickets among the payloads: key, and the time of the newest state that a payload showed. */
  readonly tickets: readonly { readonly key: string; readonly updatedAt: number }[]
}

const examples = (createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly Example[]).flatMap(
  ({ name, examples }) => examples.map((payload) => ({ event: name, payload })),
)

let settings: HooksStart
const genuine: Delivery[] = []
const delivered = new Set<string>()
const failures: Record<string, number> = {}
const forged: Record<string, number> = {}
let sent = 0
let repeated = 0
let forgeriesTaken = 0

/** The status that came, or the code of what went wrong. */
function post({ body, headers }: Delivery): Promise<number | string> {
  return new Promise((resolve) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: settings.port,
        path: '/hooks/github',
        method: 'POST',
        headers: { ...headers, 'content-length': body.length },
        timeout: 5000,
      },
      (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode ?? 0))
        response.on('error', () => resolve('cut'))
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')))
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    outgoing.end(body)
  })
}

const is2xx = (status: number | string): boolean => typeof status === 'number' && status >= 200 && status < 300

/** GitHub does not repeat by itself; whoever runs the hook asks it to, for what got no 2xx. */
async function deliver(delivery: Delivery, random: SeededRandom): Promise<void> {
  if (delivery.forgery !== undefined) {
    const status = await post(delivery)
    // A receiver that was just killed has said nothing: then it is tried once more, as a patient forger would.
    const last = is2xx(status) || typeof status === 'number' ? status : await pause(500).then(() => post(delivery))
    forged[delivery.forgery] = (forged[delivery.forgery] ?? 0) + 1
    if (is2xx(last)) forgeriesTaken++
    return
  }
  for (let tries = 0; tries < 60; tries++) {
    sent++
    const status = await post(delivery)
    if (is2xx(status)) {
      delivered.add(delivery.id)
      return
    }
    failures[status] = (failures[status] ?? 0) + 1
    await pause(150 + random.below(200))
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function deliverAll(): Promise<void> {
  const random = seededRandom(`${settings.seed} webhooks`)
  const { oversizedBytes } = settings
  const queue: Delivery[] = []
  for (const delivery of genuine) {
    queue.push(delivery)
    if (random.below(4) === 0) queue.push(forge(random.pick(forgeries), delivery, settings, oversizedBytes))
    // Some come twice within a moment, from two machines of the sender.
    if (random.below(12) === 0) {
      queue.push(delivery)
      repeated++
    }
  }
  for (const [index, kind] of forgeries.entries())
    queue.splice(40 * index + 7, 0, forge(kind, genuine[index] as Delivery, settings, oversizedBytes))
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await deliver(next, random)
      await pause(random.below(40))
    }
  }
  await Promise.all(Array.from({ length: 6 }, worker))
  // Days later, somebody presses "Redeliver".
  const again = random.shuffle(genuine).slice(0, 40)
  repeated += again.length
  for (const delivery of again) await deliver(delivery, random)
}

/** The state of every issue and pull request that the payloads show, newest first seen or not. */
function trueTickets(): HooksTruth['tickets'] {
  const newest = new Map<string, number>()
  for (const { payload } of examples) {
    const { issue, pull_request: pull, repository } = payload as Record<string, Record<string, unknown> | undefined>
    for (const one of [issue, pull]) {
      if (typeof one?.updated_at !== 'string' || typeof repository?.full_name !== 'string') continue
      const key = `${repository.full_name}#${one.number}`
      newest.set(key, Math.max(newest.get(key) ?? 0, Date.parse(one.updated_at)))
    }
  }
  return [...newest].map(([key, updatedAt]) => ({ key, updatedAt }))
}

answerParent({
  start(given: HooksStart): { payloads: number } {
    settings = given
    for (const { event, payload } of examples) genuine.push(sign(event, Buffer.from(JSON.stringify(payload)), settings))
    return { payloads: genuine.length }
  },
  deliver: deliverAll,
  progress: () => delivered.size,
  truth: (): HooksTruth => ({
    deliveries: genuine.map(({ id, event, body }) => ({
      id,
      event,
      sha256: createHash('sha256').update(body).digest('hex'),
    })),
    delivered: delivered.size,
    sent,
    failures,
    repeated,
    forged,
    forgeriesTaken,
    tickets: trueTickets(),
  }),
})
