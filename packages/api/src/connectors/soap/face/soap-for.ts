import { type Clock, isPatchbayError, patchbayError, systemClock } from '@patchbay/core'
import type { HttpClient } from '@patchbay/core/http'
import { cleanerOf } from '../../../face/clean-text.ts'
import { withHidden } from '../../../face/face-error.ts'
import { soapFaultFacts } from './soap-facts.ts'
import { soapRequest } from './soap-request.ts'

export interface SoapFaceOptions {
  readonly clock?: Clock
}

/** The part of soap's options that has a meaning here; the others pass through. */
export interface SoapClientOptions {
  /** Where calls go, instead of the address in the WSDL. */
  readonly endpoint?: string
  readonly forceSoap12Headers?: boolean
  readonly namespaceArrayElements?: boolean
  readonly parseResponseAttachments?: boolean
  readonly wsdl_headers?: Readonly<Record<string, string>>
  readonly wsdl_options?: Readonly<Record<string, unknown>>
  readonly [option: string]: unknown
}

/** What a method's `…Async` form gives: result, raw XML, SOAP header, raw request, attachments. */
export type SoapResult = readonly [
  result: unknown,
  raw: string,
  header: unknown,
  request: string,
  attachments?: unknown,
]

/** As much of soap's client as can be told without its types: name its own `Client` as type parameter to get the rest. */
export interface SoapClient {
  /** The methods of the description, each also with `Async` at its end. */
  readonly [method: `${string}Async`]: (
    input: unknown,
    options?: Readonly<Record<string, unknown>>,
  ) => Promise<SoapResult>
  describe(): unknown
  setEndpoint(endpoint: string): void
  setSecurity(security: unknown): void
  addSoapHeader(header: unknown, name?: string, namespace?: string, xmlns?: string): number
}

export interface SoapFace {
  /**
   * Makes a soap client from a WSDL: an http(s) URL under the client's base URL, or the WSDL's own text. Everything it loads comes through
   * the same guarded transport; local files are refused. Its `…Async` methods reject with PatchbayErrors; pass `{ call }` as a method's
   * options to put it under an operation's deadline and cancellation.
   */
  createClient<Client = SoapClient>(wsdl: string, options?: SoapClientOptions): Promise<Client>
}

/** The soap library over Patchbay's transport. */
export function soapFor(client: HttpClient, options: SoapFaceOptions = {}): SoapFace {
  const request = soapRequest(client, options.clock ?? systemClock)
  return {
    async createClient<Client>(wsdl: string, soapOptions: SoapClientOptions = {}) {
      refuseFile(wsdl)
      const { soapLibrary, TransportHttpClient } = await import('./soap-http-client.ts')
      const made: unknown = await soapLibrary
        .createClientAsync(wsdl, {
          // soap keeps descriptions in a cache of the whole process, which would show one tenant's to another.
          disableCache: true,
          ...soapOptions,
          wsdl_options: {
            ...soapOptions.wsdl_options,
            overrideImportLocation: importLocation(soapOptions.wsdl_options),
          },
          request: request as never,
          httpClient: new TransportHttpClient({ ...soapOptions, request: request as never }),
        })
        .catch(rethrow)
      wrapMethods(made as Record<string, unknown>)
      return made as Client
    },
  }
}

/** soap reads whatever is no http(s) URL from the disk: with a tenant's WSDL that is any file of this machine. */
function refuseFile(location: string): void {
  if (/^https?:/i.test(location) || /^<\?xml[^>]*?>/i.test(location)) return
  throw refusedWsdl('must be an http(s) URL, or the text of the WSDL beginning with its XML declaration')
}

function refusedWsdl(message: string): Error {
  return patchbayError({ kind: 'config', sent: 'none', issues: [{ path: 'wsdl', message }] })
}

type Locate = (location: string, ...rest: unknown[]) => string

/** Far above any description that is in use; one that imports another without end is not followed for ever. */
const mostImports = 500

function importLocation(options: SoapClientOptions['wsdl_options']): Locate {
  const own = options?.overrideImportLocation as Locate | undefined
  let imports = 0
  return (location, ...rest) => {
    if (++imports > mostImports) throw refusedWsdl(`imports more than ${mostImports} documents`)
    const chosen = own?.(location, ...rest) ?? location
    if (/^https?:/i.test(chosen)) return chosen
    // As the description writes it: soap has put the working directory of this process before it.
    const written = typeof rest[1] === 'string' ? rest[1] : ''
    throw refusedWsdl(`imports ${written.slice(0, 200)}: only http(s) locations are loaded`)
  }
}

type Method = (...args: unknown[]) => Promise<unknown>

function wrapMethods(methods: Record<string, unknown>): void {
  for (const name of Object.keys(methods)) {
    const method = methods[name]
    if (!name.endsWith('Async') || typeof method !== 'function') continue
    methods[name] = (...args: unknown[]) => (method as Method).apply(methods, args).catch(rethrow)
  }
}

interface SoapError {
  readonly root?: { readonly Envelope?: { readonly Body?: { readonly Fault?: unknown } } }
  readonly response?: { readonly status?: number }
}

function rethrow(thrown: unknown): never {
  if (isPatchbayError(thrown)) throw thrown
  const { root, response } = (thrown ?? {}) as SoapError
  const fault = root?.Envelope?.Body?.Fault
  if (fault !== undefined) {
    const facts = soapFaultFacts(fault, response?.status, cleanerOf(response))
    throw withHidden(patchbayError(facts), { root, response })
  }
  // With an answer in hand, whatever broke is the answer: soap's parser throws TypeErrors, RangeErrors and plain objects at strange ones.
  if (response === undefined && thrown instanceof TypeError) throw thrown
  if (response === undefined && thrown instanceof RangeError)
    throw patchbayError({
      kind: 'invalid-input',
      sent: 'none',
      issues: [{ path: '', message: 'is nested too deep, or holds itself' }],
    })
  // soap's messages may quote the answer.
  throw patchbayError({
    kind: 'protocol',
    status: response?.status,
    sent: 'all',
    message: 'the answer is not a readable SOAP envelope',
  })
}
