import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { isObject, valueAt, withValueAt } from '../wire/own-value.ts'
import { bodyWhere, isTrueOf } from '../wire/solve-condition.ts'
import { emptyAnswer, jsonAnswer, textAnswer, type VendorAnswer } from './answer.ts'
import type { RefusalKind } from './refusal.ts'

type Rule = NonNullable<NonNullable<IntegrationManifest['errors']>['rules']>[number]

const usualStatus: Readonly<Record<RefusalKind, number>> = {
  'invalid-input': 400,
  credential: 401,
  permission: 403,
  'not-found': 404,
  conflict: 409,
  'rate-limited': 429,
  unavailable: 503,
  unsupported: 405,
}

interface Draft {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** Errors in the vendor's own shape: where the manifest says that message and code stand, and so that its rules judge them rightly. */
export class ErrorAnswers {
  readonly #manifest: IntegrationManifest
  readonly #rules: readonly Rule[]

  constructor(manifest: IntegrationManifest) {
    this.#manifest = manifest
    this.#rules = manifest.errors?.rules ?? []
  }

  /** @param refusals statuses that refuse the credential of the request */
  answer(
    kind: RefusalKind,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    refusals: readonly number[] = [401],
    expired = false,
  ): VendorAnswer {
    const made = this.#drafts(kind, message, refusals, expired).find((draft) =>
      this.#means(draft, kind, refusals, expired),
    )
    const draft = made ?? this.#plain(kind, message, refusals)
    const all = { ...draft.headers, ...headers, ...this.#requestId() }
    const { jsonPrefix = '' } = this.#manifest.transport ?? {}
    if (draft.body === undefined) return emptyAnswer(draft.status, all)
    return jsonPrefix === ''
      ? jsonAnswer(draft.body, draft.status, all)
      : textAnswer(jsonPrefix + JSON.stringify(draft.body), 'application/json', draft.status, all)
  }

  /** A body that no rule takes for an error; what has to be added stands beside the records. */
  harmless(body: unknown): unknown {
    let made = body
    for (const { when } of this.#rules) {
      if (when.body === undefined || !covers(when.status, 200) || when.header !== undefined) continue
      if (isObject(made)) made = bodyWhere(when.body, false, made) ?? made
    }
    return made
  }

  #drafts(kind: RefusalKind, message: string, refusals: readonly number[], expired: boolean): readonly Draft[] {
    const plain = this.#plain(kind, message, refusals)
    const ruled = this.#rules
      .filter((rule) => rule.kind === kind && (!expired || rule.expired === true))
      .flatMap(({ when }) => {
        const header = when.header
        const body = when.body === undefined ? plain.body : bodyWhere(when.body, true, plain.body)
        if (body === undefined) return []
        const headers = header === undefined ? {} : { [header.name.toLowerCase()]: header.equals ?? 'yes' }
        return [{ status: statusOf(when.status, plain.status), headers, body }]
      })
    return expired ? [...ruled, plain] : [plain, ...ruled]
  }

  #plain(kind: RefusalKind, message: string, refusals: readonly number[]): Draft {
    const { errors, limits } = this.#manifest
    const status =
      kind === 'credential'
        ? (refusals[0] ?? 401)
        : kind === 'rate-limited'
          ? (limits.statuses?.[0] ?? 429)
          : usualStatus[kind]
    const path = errors?.message?.[0]
    let body: unknown = path === undefined && errors?.code === undefined ? { error: { message } } : {}
    if (path !== undefined) body = withValueAt(body, path, message)
    const code = errors?.code?.[0]
    if (code !== undefined && valueAt(body, code) === undefined) body = withValueAt(body, code, kind)
    return { status, headers: {}, body }
  }

  /** What the rules of the manifest take an answer for. */
  #means({ status, headers, body }: Draft, kind: RefusalKind, refusals: readonly number[], expired: boolean): boolean {
    for (const rule of this.#rules) {
      const { when } = rule
      if (!covers(when.status, status)) continue
      if (when.header !== undefined) {
        const value = headers[when.header.name.toLowerCase()]
        if (value === undefined || (when.header.equals !== undefined && value !== when.header.equals)) continue
      }
      if (when.body !== undefined && !isTrueOf(when.body, body)) continue
      return rule.kind === kind && (!expired || rule.expired === true || refusals.includes(status))
    }
    if (status < 300) return false
    return kind !== 'credential' || refusals.includes(status)
  }

  #requestId(): Readonly<Record<string, string>> {
    const name = this.#manifest.errors?.requestIdHeader
    return name === undefined ? {} : { [name.toLowerCase()]: 'simulated-request' }
  }
}

type Status = Rule['when']['status']

const covers = (wanted: Status, status: number): boolean =>
  wanted === undefined ||
  [wanted]
    .flat()
    .some((one) => (typeof one === 'number' ? one === status : Number(one[0]) === Math.floor(status / 100)))

function statusOf(wanted: Status, usual: number): number {
  if (covers(wanted, usual)) return usual
  const [first] = [wanted].flat()
  return typeof first === 'number' ? first : first === '2xx' ? 200 : first === '5xx' ? 500 : 400
}
