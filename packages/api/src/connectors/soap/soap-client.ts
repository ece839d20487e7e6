import { type Effect, Fault, type OpenEnv } from '@patchbay/core'
import { type HttpClient, httpClient } from '@patchbay/core/http'
import { apiClient } from '../../api-client.ts'
import type { APIClient } from '../../contract.ts'
import { choosePort, endpointOf } from './choose-port.ts'
import { type SoapConfig, wsdlOf } from './config.ts'
import { configFault } from './config-fault.ts'
import type { SoapDescription, SoapOperation, SoapPort } from './description/description-model.ts'
import { describeWsdl } from './description/index.ts'
import { type SoapClient, type SoapClientOptions, soapFor } from './face/soap-for.ts'
import { documentFetcher } from './fetch-documents.ts'
import { withoutSecrets } from './message/without-secrets.ts'
import { type MessageSecurity, messageSecurityOf } from './security/message-security.ts'

/** What `connection.$raw()` of the connector `soap` gives. */
export interface SoapServiceClient extends APIClient {
  readonly description: SoapDescription
  readonly port: SoapPort
  /** Where calls go. */
  readonly endpoint: string
  /** The text of the WSDL itself, without what it imports. */
  readonly wsdl: string
  readonly config: SoapConfig
  readonly security: MessageSecurity | undefined
  readonly env: Pick<OpenEnv, 'clock' | 'random'>
  /** The operation of this name. @throws Fault `invalid-input` that names those that there are */
  operation(name: string): SoapOperation
  effectOf(operation: string): Effect
  /** A client of the npm library soap over the same transport and credential; the library is loaded now. */
  soap<Client = SoapClient>(options?: SoapClientOptions): Promise<Client>
}

export async function openSoap(config: SoapConfig, env: OpenEnv): Promise<SoapServiceClient> {
  const source = wsdlOf(config)
  const root = 'url' in source ? source.url : undefined
  const trusted = URL.parse(config.endpoint ?? root ?? '')?.origin
  const fetchDocument = documentFetcher(env, (origin) => origin === trusted)
  let wsdl = 'text' in source ? source.text : undefined
  const description = await describeWsdl(source, config.imports ?? [], async (location) => {
    const text = await fetchDocument(location)
    // The first document is the WSDL.
    wsdl ??= text
    return text
  })
  const port = choosePort(description, config)
  const endpoint = endpointOf(port, config.endpoint, source)
  for (const name of Object.keys(config.operations ?? {}))
    if (!port.operations.has(name))
      throw configFault(`operations.${name}`, `is no operation of the port ${port.name}; there are ${namesOf(port)}`)
  const security = messageSecurityOf(env.credential)
  if (config.mtom !== undefined && config.mtom !== false && security?.outgoing?.signing !== undefined)
    throw configFault('mtom', 'cannot go together with signed messages: attachments would not be signed')
  return assemble(config, env, { description, port, endpoint, wsdl: wsdl ?? '', security })
}

type Parts = Pick<SoapServiceClient, 'description' | 'port' | 'endpoint' | 'wsdl' | 'security'>

function assemble(config: SoapConfig, env: OpenEnv, parts: Parts): SoapServiceClient {
  const { port, endpoint, wsdl } = parts
  const { clock, random, drivers } = env
  const { origin, pathname } = new URL(endpoint)
  const { envelopeBytes: _, maxDepth: __, maxElements: ___, ...limits } = config.limits ?? {}
  const clientAt = (baseUrl: string): HttpClient =>
    cleaned(httpClient({ ...env, baseUrl, headers: config.headers, limits }), parts.security)
  const http = clientAt(`${origin}${pathname}`)
  const face = () => soapFor(clientAt(origin), { clock })
  const source = wsdlOf(config)
  return {
    ...apiClient(http, { baseUrl: `${origin}${pathname}`, clock, axios: drivers.axios }),
    ...parts,
    config,
    env: { clock, random },
    operation(name) {
      const found = port.operations.get(name)
      if (found === undefined)
        throw inputFault(`names no operation of the port ${port.name}; there are ${namesOf(port)}`)
      if (found.unsupported !== undefined)
        throw new Fault({ kind: 'unsupported', sent: 'none', message: `the operation ${name} ${found.unsupported}` })
      return found
    },
    effectOf: (name) => {
      const operations = config.operations ?? {}
      return Object.hasOwn(operations, name) ? (operations[name]?.effect ?? 'write') : 'write'
    },
    soap: (options) =>
      face().createClient('url' in source ? source.url : withDeclaration(wsdl), { endpoint, ...options }),
  }
}

/** HTTP's own clean-up of errors knows what the credential writes into requests, and nothing of what stands in messages. */
function cleaned(http: HttpClient, security: MessageSecurity | undefined): HttpClient {
  const secrets = security?.secrets.map((one) => one.reveal()) ?? []
  if (secrets.length === 0) return http
  return {
    send: async (request, call) => {
      try {
        return await http.send(request, call)
      } catch (error) {
        throw error instanceof Fault ? withoutSecrets(error, secrets) : error
      }
    },
  }
}

function namesOf({ operations }: SoapPort): string {
  const names = [...operations.keys()]
  return `${names.slice(0, 30).join(', ')}${names.length > 30 ? ' ...' : ''}`
}

function inputFault(message: string): Fault {
  return new Fault({ kind: 'invalid-input', sent: 'none', issues: [{ path: 'operation', message }] })
}

/** The library takes what does not begin so for the name of a file. */
function withDeclaration(text: string): string {
  return text.startsWith('<?xml') ? text : `<?xml version="1.0"?>${text.trimStart()}`
}
