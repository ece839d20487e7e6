// The process that delivers webhooks as GitHub does: every example payload that Octokit publishes, signed, and again until it is taken;
// between them deliveries of people who do not know the secret.
import { createHash, createHmac, randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { createRequire } from 'node:module'
import { type SeededRandom, seededRandom } from '@patchbay/core/testing'
import { answerParent } from '../drill/link.ts'

interface Example {
  readonly name: string
  readonly examples: readonly object[]
}

interface Delivery {
  readonly id: string
  readonly event: string
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
  /** How it was forged; undefined for a genuine one. */
  readonly forgery?: string
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

const sign = (body: Buffer, secret: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`

function headersOf(id: string, event: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/044aadd',
    'x-github-delivery': id,
    'x-github-event': event,
    'x-github-hook-id': '292430182',
  }
}

/** One delivery of somebody without the secret, made from a genuine one. */
function forge(kind: string, { event, body, headers }: Delivery): Delivery {
  const id = randomUUID()
  const own = headersOf(id, event)
  const { secret, formerSecret, oversizedBytes } = settings
  switch (kind) {
    case 'altered body': {
      const altered = Buffer.from(body.toString().replace(/"id":\s*\d/, '"id":9'))
      return {
        id,
        event,
        body: Buffer.concat([altered, Buffer.from(' ')]),
        headers: { ...own, 'x-hub-signature-256': headers['x-hub-signature-256'] as string },
        forgery: kind,
      }
    }
    case 'wrong secret':
      return { id, event, body, headers: { ...own, 'x-hub-signature-256': sign(body, 'a guess') }, forgery: kind }
    case 'former secret':
      return { id, event, body, headers: { ...own, 'x-hub-signature-256': sign(body, formerSecret) }, forgery: kind }
    case 'no signature':
      return { id, event, body, headers: own, forgery: kind }
    case 'sha1 only': {
      const digest = createHmac('sha1', secret).update(body).digest('hex')
      return { id, event, body, headers: { ...own, 'x-hub-signature': `sha1=${digest}` }, forgery: kind }
    }
    case 'cut signature':
      return {
        id,
        event,
        body,
        headers: { ...own, 'x-hub-signature-256': sign(body, secret).slice(0, 40) },
        forgery: kind,
      }
    default: {
      const big = Buffer.alloc(oversizedBytes, 0x20)
      return {
        id,
        event,
        body: big,
        headers: { ...own, 'x-hub-signature-256': sign(big, secret) },
        forgery: 'oversized',
      }
    }
  }
}

const forgeries = [
  'altered body',
  'wrong secret',
  'former secret',
  'no signature',
  'sha1 only',
  'cut signature',
  'oversized',
]

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
  const queue: Delivery[] = []
  for (const delivery of genuine) {
    queue.push(delivery)
    if (random.below(4) === 0) queue.push(forge(random.pick(forgeries), delivery))
    // Some come twice within a moment, from two machines of the sender.
    if (random.below(12) === 0) {
      queue.push(delivery)
      repeated++
    }
  }
  for (const [index, kind] of forgeries.entries())
    queue.splice(40 * index + 7, 0, forge(kind, genuine[index] as Delivery))
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
    for (const { event, payload } of examples) {
      const id = randomUUID()
      const body = Buffer.from(JSON.stringify(payload))
      genuine.push({
        id,
        event,
        body,
        headers: { ...headersOf(id, event), 'x-hub-signature-256': sign(body, settings.secret) },
      })
    }
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
