/** What stands in a fault's detail. Its value does not print: it may hold what the caller sent. */
export class FaultDetail {
  /** `{namespace}local` of the element. */
  readonly name: string
  readonly local: string
  /** True when the operation declares this fault. */
  readonly declared: boolean
  readonly #value: unknown

  constructor(name: string, local: string, value: unknown, declared: boolean) {
    this.name = name
    this.local = local
    this.declared = declared
    this.#value = value
  }

  /** Typed by the WSDL's fault message; an {@link import('../schema/any-xml.ts').AnyXml} when no schema describes it. */
  get value(): unknown {
    return this.#value
  }
}

export interface FaultParts {
  readonly code: string | undefined
  readonly subcodes: readonly string[]
  readonly reason: string | undefined
  readonly role: string | undefined
  readonly node: string | undefined
  readonly detail: FaultDetail | undefined
}

const brand = Symbol.for('patchbay.soap-fault')

/** A SOAP Fault. It is the `cause` of the PatchbayError that callers get. */
export class SoapFault extends Error {
  override readonly name = 'SoapFault'
  /** Local name of the fault code: `Client`, `Sender`, `Server`, `Receiver` or one of the vendor's. */
  readonly code: string | undefined
  /** Local names of the subcodes of SOAP 1.2, outermost first. */
  readonly subcodes: readonly string[]
  readonly reason: string | undefined
  /** `faultactor` or Role. */
  readonly role: string | undefined
  readonly node: string | undefined
  readonly detail: FaultDetail | undefined

  constructor({ code, subcodes, reason, role, node, detail }: FaultParts) {
    super(reason ?? 'SOAP fault')
    this.code = code
    this.subcodes = subcodes
    this.reason = reason
    this.role = role
    this.node = node
    this.detail = detail
    Object.defineProperty(this, brand, { value: true })
  }
}

/** The SOAP fault behind an error of a call; undefined when it is another error. */
export function soapFaultOf(error: unknown): SoapFault | undefined {
  for (let at = error, steps = 0; typeof at === 'object' && at !== null && steps < 5; steps++) {
    if ((at as Record<symbol, unknown>)[brand] === true) return at as SoapFault
    at = (at as { readonly cause?: unknown }).cause
  }
  return undefined
}
