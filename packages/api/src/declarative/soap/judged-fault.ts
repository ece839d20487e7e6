import { Fault, type HttpResponse } from '@patchbay/core'
import { type AnswerVerdict, type CleanText, pathReader } from '@patchbay/core/http'
import { soapFaultOf } from '../../connectors/soap/message/fault-detail.ts'
import { errorRules } from '../behaviour/error-mapping.ts'
import type { Manifest } from '../manifest-parts.ts'

type Head = Pick<HttpResponse, 'status' | 'headers'>

/**
 * A SOAP fault as the manifest's rules see it. Conditions on the body read
 * `{ fault: { code, subcodes, reason, detail: { name, value } } }`, whichever version of SOAP it came in.
 */
export function judgedFault(manifest: Manifest, fault: Fault, response: Head | undefined): Fault {
  const found = soapFaultOf(fault.facts.cause)
  if (found === undefined || response === undefined) return fault
  const { code, subcodes, reason, detail } = found
  const shown = detail === undefined ? undefined : { name: detail.local, value: detail.value }
  const verdict = verdictOn(manifest, response, { fault: { code, subcodes, reason, detail: shown } })
  return verdict === undefined ? fault : new Fault({ ...fault.facts, ...factsOf(verdict) })
}

/** @throws Fault for a value that the manifest's rules know as an error: some services answer every call with success. */
export function judgeValue(manifest: Manifest, value: unknown, response: Head, clean: CleanText): void {
  const verdict = verdictOn(manifest, response, value)
  if (verdict === undefined) return
  const text = (paths: readonly string[] | undefined): string | undefined =>
    (paths ?? []).map((path) => pathReader(path)(value)).find((one) => typeof one === 'string' && one !== '') as
      | string
      | undefined
  const { message, code } = manifest.errors ?? {}
  const [said, named] = [text(message), text(code)]
  throw new Fault({
    ...factsOf(verdict),
    status: response.status,
    code: named !== undefined && /^[\w.-]{1,64}$/.test(named) ? named : undefined,
    message: (said === undefined ? undefined : clean(said)) ?? 'the vendor answered with what its rules call an error',
    sent: 'all',
  })
}

function verdictOn(manifest: Manifest, { status, headers }: Head, value: unknown): AnswerVerdict | undefined {
  return errorRules(manifest)?.({ status, headers, value: () => value })
}

function factsOf({ kind, retry, retryAfterMs }: AnswerVerdict): Pick<AnswerVerdict, 'kind' | 'retry' | 'retryAfterMs'> {
  return {
    kind,
    ...(retry === undefined ? {} : { retry }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}
