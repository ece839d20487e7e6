import type { ErrorFacts } from '@patchbay/core'
import { type CleanText, vendorText } from '@patchbay/core/http'

/**
 * A SOAP 1.1 or 1.2 Fault as facts. Whose fault it was does not say whether the call was done, so a Fault is `unexpected` and never
 * retried unless a connector knows better; its code stands in `code`.
 * @see https://www.w3.org/TR/soap12-part1/#soapfault
 */
export function soapFaultFacts(
  fault: unknown,
  status: number | undefined,
  clean: CleanText = (text) => vendorText(text),
): ErrorFacts {
  const { faultcode, faultstring, Code, Reason } = (fault ?? {}) as Record<string, unknown>
  const code = localName(textOf(faultcode) ?? textOf((Code as Record<string, unknown> | undefined)?.Value))
  const said = textOf(faultstring) ?? textOf((Reason as Record<string, unknown> | undefined)?.Text)
  const reason = said === undefined ? undefined : clean(said)
  return {
    kind: 'unexpected',
    code,
    status,
    sent: 'all',
    message: `the SOAP server answered with a fault${reason === undefined ? '' : `: ${reason}`}`,
  }
}

/** A text element is a string, or an object with `$value` when it has attributes; several (languages) are an array. */
function textOf(element: unknown): string | undefined {
  if (typeof element === 'string') return element
  if (Array.isArray(element)) return textOf(element[0])
  return typeof element === 'object' && element !== null ? textOf((element as { $value?: unknown }).$value) : undefined
}

function localName(name: string | undefined): string | undefined {
  const local = name?.slice(name.indexOf(':') + 1).trim()
  return local !== undefined && /^[\w.-]{1,64}$/.test(local) ? local : undefined
}
