import { Fault, type HttpResponse } from '@patchbay/core'
import { type Attempt, type CleanText, type ClientRequest, type Reply, vendorText } from '@patchbay/core/http'
import { readContentType } from '../../connectors/soap/attachments/content-type.ts'
import { isSoapType } from '../../connectors/soap/attachments/incoming-message.ts'
import { soapAnswer, soapRequest } from '../../connectors/soap/declared.ts'
import { isEnvelopeStatus } from '../../connectors/soap/message/plain-statuses.ts'
import { protocolFault } from '../../connectors/soap/message/read-envelope.ts'
import { withoutSecrets } from '../../connectors/soap/message/without-secrets.ts'
import { messageSecurityOf } from '../../connectors/soap/security/message-security.ts'
import { partsOf } from '../connection-parts.ts'
import type { DeclaredClient } from '../declared-client.ts'
import { manifestFault } from '../manifest-fault.ts'
import type { Manifest, OperationEntry, Values } from '../manifest-parts.ts'
import { type DeclaredDefinition, definitionOf } from './definition.ts'
import { judgedFault, judgeValue } from './judged-fault.ts'

export interface SoapCall {
  readonly client: DeclaredClient
  readonly manifest: Manifest
  readonly name: string
  readonly entry: OperationEntry
  readonly input: Values
}

/** One request of a SOAP operation: writes the message, sends it, reads the answer. Runs once per attempt, so that each is secured afresh. */
export async function exchange(of: SoapCall, request: ClientRequest, call: Attempt): Promise<Reply> {
  const { env, place } = partsOf(of.client)
  const { entry, manifest } = of
  const definition = definitionOf(manifest, of.name, entry)
  const security = messageSecurityOf(env.credential)
  const secrets = security?.secrets.map((one) => one.reveal()) ?? []
  const base = entry.origin === undefined ? place.base : place.origins.get(entry.origin)
  const to = `${(base?.url ?? '').replace(/\/$/, '')}${request.path ?? '/'}`
  const written = write(of, definition, request, { security: security?.outgoing, env, to })
  const { json: _, form: __, ...rest } = request
  let raw: HttpResponse | undefined
  let clean: CleanText = (text) => vendorText(text, secrets)
  const isXml = (): boolean => isSoapType(readContentType(raw?.headers['content-type']))
  try {
    const reply = await of.client.at(entry.origin).send(
      {
        ...rest,
        headers: { ...request.headers, ...written.headers },
        body: written.body,
        expect: 'bytes',
        accept: (status) => status <= 299 || (isEnvelopeStatus(status) && isXml()),
        seen: (response, cleanText) => {
          raw = response
          clean = (text) => vendorText(cleanText(text) ?? '', secrets)
          request.seen?.(response, clean)
        },
      },
      call,
    )
    const { status, headers } = reply
    const body = (reply.value ?? new Uint8Array()) as Uint8Array
    const nothing = status <= 299 && definition.operation.output === undefined && (body.byteLength === 0 || !isXml())
    if (nothing) return { ...reply, value: undefined }
    if (!isXml()) throw notXml(headers, status)
    const reading = { clean, messageId: written.messageId, bytesAsText: true }
    const value = await soapAnswer(definition, { status, headers, body }, reading)
    judgeValue(manifest, value, reply, clean)
    return { ...reply, value: request.expect === 'nothing' ? undefined : value }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const judged = judgedFault(manifest, error, raw)
    throw secrets.length === 0 ? judged : withoutSecrets(judged, secrets)
  }
}

/** The inputs as a message. What does not fit the schemas is told by the names that callers know. */
function write(
  { entry, input, name }: SoapCall,
  definition: DeclaredDefinition,
  request: ClientRequest,
  sending: Parameters<typeof soapRequest>[2],
) {
  const headers: Record<string, unknown> = {}
  for (const [key, one] of Object.entries(entry.input ?? {}))
    if (one.in === 'soap-header') headers[definition.headerOf(one.as ?? key)] = input[key]
  if (request.link !== undefined || request.form !== undefined)
    throw manifestFault(`operations.${name}`, 'sends forms or follows links, which SOAP does not have')
  try {
    return soapRequest(definition, { body: bodyOf(definition, request.json), headers }, sending)
  } catch (error) {
    if (!(error instanceof Fault) || error.facts.kind !== 'invalid-input') throw error
    const issues = error.facts.issues?.map(({ path, message }) => ({ path: inputPath(entry, path), message }))
    throw new Fault({ ...error.facts, message: 'the input does not fit the XML schemas of the manifest', issues })
  }
}

/** An element with parts may have none of them; a text must be given. */
function bodyOf({ schemas, operation }: DeclaredDefinition, json: unknown): unknown {
  const { body } = operation.input
  if (body === undefined || json !== undefined) return json
  return schemas.type(body.type).variety === 'complex' ? {} : undefined
}

/** `body.Customer.name` and `headers.{urn:crm}Context.tenant` by the names of the inputs that hold them. */
function inputPath({ input = {} }: OperationEntry, path: string): string {
  const body = path.replace(/^body\.?/, '')
  for (const [key, { in: place, as = key }] of Object.entries(input)) {
    if (place === 'soap-header' && path.startsWith('headers.') && path.includes(`}${as.replace(/^.*:/, '')}`))
      return `${key}${path.slice(path.indexOf('}') + 1 + as.replace(/^.*:/, '').length)}`
    if (place !== 'body') continue
    if (as === '@') return body === '' ? key : `${key}.${body}`
    if (body === as || body.startsWith(`${as}.`)) return `${key}${body.slice(as.length)}`
  }
  return body
}

function notXml(headers: HttpResponse['headers'], status: number): Fault {
  const type = readContentType(headers['content-type'])?.essence.slice(0, 80) ?? 'an unnamed content type'
  return protocolFault('content-type', `the vendor answered with ${type} where a SOAP envelope was expected`, status)
}
