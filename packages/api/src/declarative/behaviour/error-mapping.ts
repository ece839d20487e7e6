import type { AnswerVerdict, ErrorMapping, JudgedAnswer } from '@patchbay/core/http'
import { isEnvelopeStatus } from '../../connectors/soap/message/plain-statuses.ts'
import { compileCondition, compileSelector } from '../answers/read-value.ts'
import type { ErrorRule, Manifest } from '../manifest-parts.ts'

type Rule = (answer: JudgedAnswer) => AnswerVerdict | undefined

/** The manifest's error rules as core's {@link ErrorMapping}. */
export function errorMapping(manifest: Manifest): ErrorMapping {
  const { message, code, requestId, requestIdHeader, rules = [] } = manifest.errors ?? {}
  const paths: ErrorMapping = { message, code, requestId, requestIdHeader }
  const judge = errorRules(manifest)
  if (judge === undefined) return paths
  const apart = Object.values(manifest.operations).some(({ soap }) => soap !== undefined)
  return {
    ...paths,
    judgesSuccess: rules.some(({ when }) => when.status === undefined || accepts(when.status, 200, true)),
    judge: apart ? (answer) => (isEnvelope(answer) ? undefined : judge(answer)) : judge,
  }
}

/** Envelopes are judged once they are read: rules see the fault in them, and not its XML. */
function isEnvelope({ status, headers }: JudgedAnswer): boolean {
  const type = String(headers['content-type'])
  return isEnvelopeStatus(status) && /^\s*(?:text\/xml|application\/(?:soap\+)?xml|multipart\/related)\b/i.test(type)
}

const made = new WeakMap<Manifest, Rule>()

/** What the manifest's rules say about an answer; undefined when it has none. They are compiled when the first answer is judged. */
export function errorRules(manifest: Manifest): Rule | undefined {
  const rules = manifest.errors?.rules ?? []
  if (rules.length === 0) return undefined
  const known = made.get(manifest)
  if (known !== undefined) return known
  let compiled: readonly Rule[] | undefined
  const judge: Rule = (answer) => {
    compiled ??= rules.map(compileRule)
    for (const rule of compiled) {
      const verdict = rule(answer)
      if (verdict !== undefined) return verdict
    }
    return undefined
  }
  made.set(manifest, judge)
  return judge
}

function compileRule({ when, kind, retry, expired, waitMs }: ErrorRule, index: number): Rule {
  const where = `errors.rules.${index}`
  const { status, header, body } = when
  const name = header?.name.toLowerCase()
  const condition = body === undefined ? undefined : compileCondition(body, `${where}.when.body`)
  const wait = waitMs === undefined ? undefined : compileSelector(waitMs, `${where}.waitMs`)
  return (answer) => {
    if (status !== undefined && !accepts(status, answer.status, false)) return undefined
    if (name !== undefined) {
      const value = answer.headers[name]
      const text = Array.isArray(value) ? value[0] : value
      if (text === undefined || (header?.equals !== undefined && text !== header.equals)) return undefined
    }
    if (condition !== undefined && !condition(answer.value())) return undefined
    const ms = wait === undefined ? undefined : Number(wait(answer.value()) ?? Number.NaN)
    return {
      kind,
      retry,
      // A rule that says nothing about expiry leaves a refused credential to the status, unless it names another reason.
      expired: expired ?? (kind === 'credential' ? undefined : false),
      retryAfterMs: ms !== undefined && Number.isFinite(ms) && ms >= 0 ? ms : undefined,
    }
  }
}

type Status = NonNullable<ErrorRule['when']['status']>

/** `some`: whether any status of the class of `status` would do. */
function accepts(wanted: Status, status: number, some: boolean): boolean {
  return [wanted].flat().some((one) => {
    if (typeof one === 'number') return some ? Math.floor(one / 100) === Math.floor(status / 100) : one === status
    return Number(one[0]) === Math.floor(status / 100)
  })
}
