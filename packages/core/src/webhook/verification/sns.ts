import { type KeyObject, verify as verifySignature, X509Certificate } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { patchbayError } from '../../errors.ts'
import type { Transport } from '../../http/transport.ts'
import type { SnsScheme } from '../scheme.ts'
import { decodeSignature } from './asymmetric.ts'
import { isMessageId, jsonBody } from './fields.ts'
import { type InboundMessage, type Refused, refused, type Verdict, type Verifier } from './message.ts'
import { checkedTolerance, isoTime, outsideTolerance } from './timestamp.ts'

export interface SnsOptions {
  /** ARNs of the topics accepted, in addition to the scheme's. */
  readonly topics: readonly string[] | undefined
  /** Loads the signing certificates. */
  readonly transport: Transport | undefined
  readonly clock: Clock
}

/** Keys of the canonical text per message type, in the order of the vendor's page. `Subject` takes part when the message has one. */
const canonicalKeys: Readonly<Record<string, readonly string[]>> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
}

const snsHost = /^sns\.([a-z0-9-]{3,32})\.amazonaws\.com(?:\.cn)?$/
const certificatePath = /^\/SimpleNotificationService-[0-9a-f]{8,64}\.pem$/

/** Parses an https URL of SNS itself in the topic's region; undefined for any other host, port, user part or scheme. */
export function snsUrl(text: string, topicArn: string): URL | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const region = snsHost.exec(url.hostname)?.[1]
  const plain = url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === ''
  return plain && region !== undefined && topicArn.split(':')[3] === region ? url : undefined
}

const mostCertificates = 16
/** Forged messages may name any number of certificates: so many are asked for at once, and the sender of others shall come back. */
const mostLoads = 16

/**
 * Compiles the scheme of Amazon SNS. The certificate's URL comes from the message, so its host must be SNS in the topic's region; and as
 * one certificate signs for every customer, the topic must be one of ours.
 */
export function compileSns(scheme: SnsScheme, options: SnsOptions): Verifier<Promise<Verdict> | Verdict> {
  const topics = new Set([...(scheme.topics ?? []), ...(options.topics ?? [])])
  if (topics.size === 0)
    throw patchbayError({
      kind: 'config',
      message: 'webhook verifier: topics is empty; name the ARNs of your own SNS topics',
    })
  const { transport, clock } = options
  if (transport === undefined)
    throw patchbayError({
      kind: 'config',
      message: 'webhook verifier: SNS needs a transport to load its signing certificates',
    })
  const versions = new Set<string>(scheme.versions ?? ['1', '2'])
  const tolerance = checkedTolerance(scheme.toleranceMs, 3_600_000)
  const certificates = new CertificateCache(transport, clock)

  return {
    verify(message: InboundMessage): Verdict | Promise<Verdict> {
      const fields = textFields(message)
      if (fields === undefined) return refused('malformed-body')
      const { Type, TopicArn, Timestamp, MessageId, Signature, SignatureVersion, SigningCertURL } = fields
      const keys = Type !== undefined && Object.hasOwn(canonicalKeys, Type) ? canonicalKeys[Type] : undefined
      if (keys === undefined || TopicArn === undefined) return refused('malformed-body')
      if (Signature === undefined) return refused('missing-signature')
      if (!topics.has(TopicArn)) return refused('refused-topic')
      if (SignatureVersion === undefined || !versions.has(SignatureVersion)) return refused('refused-algorithm')
      const signature = decodeSignature(Signature, 'base64')
      if (signature === undefined) return refused('malformed-signature')
      if (Timestamp === undefined) return refused('missing-timestamp')
      const sentAt = isoTime(Timestamp)
      if (Number.isNaN(sentAt)) return refused('malformed-timestamp')
      const outside = outsideTolerance(sentAt, clock.now(), tolerance)
      if (outside !== undefined) return outside
      if (MessageId === undefined || !isMessageId(MessageId)) return refused('malformed-message-id')
      const content = canonicalText(fields, keys)
      const url = SigningCertURL === undefined ? undefined : snsUrl(SigningCertURL, TopicArn)
      if (content === undefined) return refused('malformed-body')
      if (url === undefined || url.search !== '' || !certificatePath.test(url.pathname))
        return refused('refused-certificate')
      return certificates.key(url.href).then((key) => {
        if ('accepted' in key) return key
        const digest = SignatureVersion === '2' ? 'sha256' : 'sha1'
        if (!verifySignature(digest, Buffer.from(content, 'utf8'), key, signature)) return refused('bad-signature')
        return { accepted: true, messageId: MessageId, sentAt, key: -1 }
      })
    },
  }
}

function textFields({ body }: InboundMessage): Readonly<Record<string, string | undefined>> | undefined {
  const value = jsonBody(body)?.value
  if (typeof value !== 'object' || value === null) return undefined
  const fields = Object.create(null) as Record<string, string>
  for (const [name, text] of Object.entries(value)) if (typeof text === 'string') fields[name] = text
  return fields
}

function canonicalText(
  fields: Readonly<Record<string, string | undefined>>,
  keys: readonly string[],
): string | undefined {
  let text = ''
  for (const key of keys) {
    const value = fields[key]
    if (value !== undefined) text += `${key}\n${value}\n`
    else if (key !== 'Subject') return undefined
  }
  return text
}

class CertificateCache {
  readonly #transport: Transport
  readonly #clock: Clock
  /** Under way. */
  readonly #loads = new Map<string, Promise<X509Certificate | Refused>>()
  /** As many as SNS could rotate; what cannot be loaded drives none of them out. */
  readonly #kept = new Map<string, X509Certificate>()

  constructor(transport: Transport, clock: Clock) {
    this.#transport = transport
    this.#clock = clock
  }

  async key(url: string): Promise<KeyObject | Refused> {
    const certificate = this.#kept.get(url) ?? (await this.#loading(url))
    if ('accepted' in certificate) return certificate
    const now = this.#clock.now()
    const valid = Date.parse(certificate.validFrom) <= now && now < Date.parse(certificate.validTo)
    return valid && certificate.publicKey.asymmetricKeyType === 'rsa'
      ? certificate.publicKey
      : refused('refused-certificate')
  }

  #loading(url: string): Promise<X509Certificate | Refused> | Refused {
    const known = this.#loads.get(url)
    if (known !== undefined) return known
    if (this.#loads.size >= mostLoads) return refused('keys-unavailable')
    const load = this.#load(url).then((certificate) => {
      this.#loads.delete(url)
      if (!('accepted' in certificate)) this.#keep(url, certificate)
      return certificate
    })
    this.#loads.set(url, load)
    return load
  }

  #keep(url: string, certificate: X509Certificate): void {
    const [oldest] = this.#kept.keys()
    if (this.#kept.size >= mostCertificates && oldest !== undefined) this.#kept.delete(oldest)
    this.#kept.set(url, certificate)
  }

  async #load(url: string): Promise<X509Certificate | Refused> {
    let body: Uint8Array
    try {
      const response = await this.#transport.send({
        method: 'GET',
        url,
        origin: 'builtin',
        deadlineAt: this.#clock.monotonic() + 10_000,
        limits: { maxBodyBytes: 65_536, maxRedirects: 0 },
      })
      if (response.status === 403 || response.status === 404) return refused('refused-certificate')
      if (response.status !== 200) return refused('keys-unavailable')
      body = response.body
    } catch {
      return refused('keys-unavailable')
    }
    try {
      return new X509Certificate(body)
    } catch {
      return refused('refused-certificate')
    }
  }
}
