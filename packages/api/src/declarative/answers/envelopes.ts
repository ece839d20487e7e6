import { type ErrorKind, Fault } from '@patchbay/core'
import { type CleanText, vendorText } from '@patchbay/core/http'
import { graphqlFacts } from '../../connectors/graphql/graphql-facts.ts'
import { isTrue } from './read-value.ts'

/** Takes the value out of what a protocol wraps it in. @throws Fault for the protocol's own errors */
export type Unwrap = (value: unknown, status: number, clean: CleanText) => unknown

/** `data` of a GraphQL answer. Errors are errors even beside data: half an answer must not pass for the whole. */
export const unwrapGraphql: Unwrap = (value, status, clean) => {
  const { data, errors } = fields(value)
  if (Array.isArray(errors) && errors.length > 0) throw new Fault(graphqlFacts(errors, status, clean))
  if (typeof data === 'object' && data !== null) return data
  const message = 'the answer is not a GraphQL response: it has neither data nor errors'
  throw new Fault({ kind: 'protocol', code: 'not-graphql', status, sent: 'all', message })
}

const rpcKinds: Readonly<Record<number, ErrorKind>> = {
  [-32_700]: 'invalid-input',
  [-32_600]: 'invalid-input',
  [-32_601]: 'unsupported',
  [-32_602]: 'invalid-input',
  [-32_603]: 'unexpected',
}

/** `result` of a JSON-RPC 2.0 answer (section 5). */
export const unwrapRpc: Unwrap = (value, status, clean) => {
  const answer = fields(value)
  if (isTrue(answer.error)) {
    const { code, message, data } = fields(answer.error)
    const number = typeof code === 'number' || typeof code === 'string' ? Number(code) : Number.NaN
    const more = typeof data === 'string' ? data : ''
    throw new Fault({
      kind: rpcKinds[number] ?? 'unexpected',
      code: Number.isFinite(number) ? String(number) : undefined,
      status,
      sent: 'all',
      message: clean([message, more].filter((text) => typeof text === 'string' && text !== '').join(' ')),
    })
  }
  if (Object.hasOwn(answer, 'result')) return answer.result
  const message = 'the answer is no JSON-RPC response: it has neither result nor error'
  throw new Fault({ kind: 'protocol', code: 'not-json-rpc', status, sent: 'all', message })
}

export const usualCleaning: CleanText = (text) => vendorText(text)

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}
