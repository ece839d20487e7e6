// The process of a vendor that answers as GitHub's published description says, and behaves badly.
import { seededRandom } from '@patchbay/core/testing'
import { answerParent } from '../drill/link.ts'
import { readDescription } from './description.ts'
import { GithubWire, labelNames, listIssues, listOperation, people, repository } from './github-wire.ts'
import { hostileServer, type VendorAnswer, type VendorRequest } from './hostile-server.ts'
import { type Fault, Misbehaviour } from './misbehaviour.ts'
import { RecordBook, type TrueRecord } from './record-book.ts'
import type { VendorStart, VendorStarted, VendorTruth } from './vendor-process.ts'

const misbehaviour = new Misbehaviour()
const description = readDescription('@octokit/openapi/generated/api.github.com.json')
const shape = description.answer(listOperation)
const refusalShape = description.answer(listOperation, 404)
let book: RecordBook
let wire: GithubWire
let token = ''
let churn = true
let calm = false
let answered = 0

function answer({ method, url, authorization, overlap }: VendorRequest): VendorAnswer {
  const { ledger } = misbehaviour
  if (authorization !== `Bearer ${token}`) {
    ledger.unauthorized++
    return { status: 401, body: errorBody(401) }
  }
  if (method !== 'GET' || url.pathname !== `/repos/${repository.owner}/${repository.name}/issues`) {
    return { status: 404, body: errorBody(404) }
  }
  answered++
  if (churn && answered % 8 === 0) book.change(12)
  const { body, link } = listIssues(book, wire, url, overlap)
  if (answered % 10 === 1) {
    ledger.checkedAnswers++
    if (shape.check(body).length > 0) ledger.wrongAnswers++
  }
  const limits = { 'x-ratelimit-limit': '60000', 'x-ratelimit-remaining': String(60_000 - answered) }
  return { status: 200, headers: { ...limits, ...(link === undefined ? {} : { link }) }, body }
}

function errorBody(status: number): object {
  const message = status === 401 ? 'Bad credentials' : status === 404 ? 'Not Found' : 'API rate limit exceeded'
  return { message, documentation_url: 'https://docs.github.com/rest', status: String(status) }
}

const faults: readonly Fault[] = [
  { kind: 'limits', forms: ['forbidden-reset-epoch', 'forbidden-retry-after'] },
  { kind: 'limits', forms: ['retry-after-date'] },
  { kind: 'errors', statuses: [502, 503, 500, 502, 504] },
  { kind: 'errors', statuses: [502] },
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
  { kind: 'limits', forms: ['forbidden-reset-epoch'] },
  { kind: 'errors', statuses: [502, 503] },
  { kind: 'reset-in-body' },
  { kind: 'stale-socket' },
]

answerParent({
  async start({
    seed,
    records,
    calm: isCalm,
    token: expected,
  }: VendorStart & { token: string }): Promise<VendorStarted> {
    token = expected
    const random = seededRandom(`${seed} github`)
    const { origin } = await hostileServer({ misbehaviour, answer, errorBody })
    wire = new GithubWire(description, origin)
    // GitHub's times count in seconds.
    const sizes = { people: people.length, labels: labelNames.length }
    book = new RecordBook({ random: random.fork('records'), records, stepMs: 1000, mostLateMs: 1000, ...sizes })
    if (refusalShape.check(errorBody(404)).length > 0) throw new Error('the error body is not as the description says')
    calm = isCalm
    if (!calm) misbehaviour.schedule(faults, records / 100, random.fork('faults'))
    return { origin, title: description.title, operation: listOperation }
  },
  /** People work while nobody reads. */
  change({ count, seed, requests }: { count: number; seed: number; requests: number }) {
    for (let done = 0; done < count; done += 50) book.change(50)
    if (!calm) misbehaviour.schedule(fewer, requests, seededRandom(`${seed} github later`))
  },
  quiet() {
    churn = false
    return book.settled
  },
  progress: () => misbehaviour.ledger.requests,
  truth: (): VendorTruth => ({
    ledger: misbehaviour.ledger,
    records: book.records.map(
      ({ number, title, closed, assignee, labels, createdAt, updatedAt }): TrueRecord => ({
        key: `${repository.owner}/${repository.name}#${number}`,
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
