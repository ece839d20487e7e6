import { type Call, Fault, type HttpBody, type HttpResponse, patchbayError } from '@patchbay/core'
import { type CleanText, vendorText } from '@patchbay/core/http'
import { readContentType } from './attachments/content-type.ts'
import { collectAttachments, type IncomingMessage, isSoapType, readMessage } from './attachments/incoming-message.ts'
import { Attachments, multipartMessage } from './attachments/outgoing-mtom.ts'
import type { SoapOperation } from './description/description-model.ts'
import type { InvokeInput, SoapReply, StreamedSoapReply } from './invoke-input.ts'
import { addAddressing, checkRelation } from './message/addressing.ts'
import { buildEnvelope } from './message/build-envelope.ts'
import { actionParameter, httpHeaders, mediaTypeOfVersion } from './message/http-headers.ts'
import { isEnvelopeStatus } from './message/plain-statuses.ts'
import { parseEnvelope, protocolFault, readAnswer } from './message/read-envelope.ts'
import { faultFacts } from './message/soap-fault.ts'
import { secureEnvelope } from './security/security-header.ts'
import { verifyEnvelope } from './security/verify-envelope.ts'
import type { SoapServiceClient } from './soap-client.ts'

/** One request: writes the message, sends it, reads the answer. Runs once per attempt, so that each is signed afresh. */
export async function invoke(client: SoapServiceClient, input: InvokeInput, call: Call): Promise<SoapReply> {
  const operation = client.operation(input.operation)
  call.effect = client.effectOf(input.operation)
  const { security } = client
  const secrets = security?.secrets.map((one) => one.reveal()) ?? []
  const request = requestFor(client, operation, input)
  let raw: HttpResponse | undefined
  let clean: CleanText = (text) => vendorText(text, secrets)
  const isXml = (): boolean => isSoapType(readContentType(raw?.headers['content-type']))
  const streams = input.attachments === 'stream'
  const { value, status } = await client.http.send(
    {
      method: 'POST',
      link: client.endpoint,
      headers: request.headers,
      body: request.body,
      expect: streams ? 'stream' : 'bytes',
      accept: (code) => code <= 299 || (isEnvelopeStatus(code) && isXml()),
      seen: (response, cleanText) => {
        raw = response
        clean = (text) => vendorText(cleanText(text) ?? '', secrets)
      },
    },
    call,
  )
  const chunks = (value ?? once(new Uint8Array())) as Uint8Array | AsyncIterable<Uint8Array>
  const source = chunks instanceof Uint8Array ? once(chunks) : chunks
  const empty = chunks instanceof Uint8Array && chunks.byteLength === 0
  if (status <= 299 && operation.output === undefined && (empty || !isXml())) return nothing(streams)
  if (!isXml()) throw notXml(raw, status)
  return await read(client, operation, source, { raw, status, clean, streams, messageId: request.messageId })
}

interface SoapRequest {
  readonly headers: Record<string, string>
  readonly body: HttpBody
  readonly messageId: string | undefined
}

function requestFor(client: SoapServiceClient, operation: SoapOperation, input: InvokeInput): SoapRequest {
  const { description, port, config, env, endpoint, security } = client
  const { mtom = false, addressing = operation.addressing.used } = config
  const threshold = typeof mtom === 'object' ? mtom.thresholdBytes : 1024
  const attachments = mtom === false ? undefined : new Attachments(env.random, threshold)
  const envelope = buildEnvelope(description.schemas, port.version, operation, input, attachments)
  const messageId = addressing
    ? addAddressing(envelope, { action: operation.addressing.action, to: endpoint, id: env.random.uuid() })
    : undefined
  if (security?.outgoing !== undefined) secureEnvelope(envelope, security.outgoing, env)
  const headers = httpHeaders(port.version, operation.soapAction)
  if (attachments === undefined || attachments.count === 0) return { headers, body: envelope.text, messageId }
  const type = mediaTypeOfVersion(port.version)
  const action = actionParameter(port.version, operation.soapAction)
  const message = multipartMessage(envelope.text, type, action, attachments, env.random)
  return { headers: { ...headers, ...message.headers }, body: message.body, messageId }
}

interface Answer {
  readonly raw: HttpResponse | undefined
  readonly status: number
  readonly clean: CleanText
  readonly streams: boolean
  readonly messageId: string | undefined
}

async function read(
  client: SoapServiceClient,
  operation: SoapOperation,
  source: AsyncIterable<Uint8Array>,
  answer: Answer,
): Promise<SoapReply | StreamedSoapReply> {
  const { description, config, security, env } = client
  const { limits = {}, lenient = false, faults = {} } = config
  const { status, clean, streams, messageId } = answer
  const message = await readMessage(answer.raw?.headers ?? {}, source, {
    envelopeBytes: limits.envelopeBytes ?? 16 * 1024 * 1024,
  })
  let kept = false
  try {
    const bytes = streams ? undefined : await collectAttachments(message)
    const envelope = parseEnvelope(message.envelope, limits, status)
    const { schemas } = description
    // Faults of gateways on the way are often not signed: nothing is read of them but a refusal.
    if (envelope.fault !== undefined)
      throw new Fault(faultFacts(envelope.fault, { schemas, operation, status, kinds: faults, clean }))
    if (security?.answers !== undefined) verifyEnvelope(envelope, security.answers, env.clock.now())
    if (status >= 400) throw protocolFault('no-fault', 'the answer has a status of failure and no fault in it', status)
    if (messageId !== undefined) checkRelation(envelope, messageId)
    const attached = (contentId: string): unknown => (streams ? { contentId } : bytes?.get(contentId))
    const reply = readAnswer(schemas, operation, envelope, { lenient, attached })
    kept = streams
    return streams ? { ...reply, attachments: withErrors(message) } : reply
  } finally {
    if (!kept) await message.close()
  }
}

function nothing(streams: boolean): SoapReply | StreamedSoapReply {
  const reply = { body: undefined, headers: {} }
  return streams ? { ...reply, attachments: none() } : reply
}

async function* none(): AsyncGenerator<never> {}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** The call has ended when attachments are read: nothing else turns a Fault into the error that users know. */
async function* withErrors({ attachments }: IncomingMessage): StreamedSoapReply['attachments'] & AsyncGenerator<never> {
  try {
    yield* attachments as AsyncGenerator<never>
  } catch (error) {
    throw error instanceof Fault ? patchbayError(error.facts) : error
  }
}

export function notXml(raw: HttpResponse | undefined, status: number): Fault {
  const type = readContentType(raw?.headers['content-type'])?.essence.slice(0, 80) ?? 'an unnamed content type'
  return protocolFault('content-type', `the vendor answered with ${type} where a SOAP envelope was expected`, status)
}
