import { Fault, type HttpResponse } from '@patchbay/core'
import { soapFaultOf } from '../../connectors/soap/message/fault-detail.ts'
import { errorRules } from '../behaviour/error-mapping.ts'
import type { Manifest } from '../manifest-parts.ts'

/**
 * A SOAP fault as the manifest's rules see it. Conditions on the body read
 * `{ fault: { code, subcodes, reason, detail: { name, value } } }`, whichever version of SOAP it came in.
 */
export function judgedFault(
  manifest: Manifest,
  fault: Fault,
  response: Pick<HttpResponse, 'status' | 'headers'> | undefined,
): Fault {
  const found = soapFaultOf(fault.facts.cause)
  if (found === undefined || response === undefined) return fault
  const { code, subcodes, reason, detail } = found
  const shown = detail === undefined ? undefined : { name: detail.local, value: detail.value }
  const verdict = errorRules(manifest)?.({
    status: response.status,
    headers: response.headers,
    value: () => ({ fault: { code, subcodes, reason, detail: shown } }),
  })
  if (verdict === undefined) return fault
  const { kind, retry, retryAfterMs } = verdict
  return new Fault({
    ...fault.facts,
    kind,
    ...(retry === undefined ? {} : { retry }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}
