import { createHash, verify, type X509Certificate } from 'node:crypto'
import { Fault } from '@patchbay/core'
import type { IncomingEnvelope } from '../message/read-envelope.ts'
import { canonicalXml } from '../xml/canonical-xml.ts'
import { namespaces } from '../xml/names.ts'
import type { XmlElement } from '../xml/xml-element.ts'
import { type CertificateTrust, distrust, readCertificate } from './certificate-trust.ts'
import { digestHashes, exclusive, signatureHashes } from './sign-envelope.ts'

/** What an answer must prove. */
export interface AnswerRules {
  readonly trust: CertificateTrust
  /** The answer must hold a signed Timestamp that is fresh. */
  readonly timestamp: boolean
  /** Seconds by which the clocks of both sides may differ. */
  readonly skewSeconds: number
}

const ds = namespaces.signature
const wsse = namespaces.security
const wsu = namespaces.securityUtility

/** Most elements that one signature covers. */
const mostReferences = 20
const mostElements = 400
const mostPrefixes = 50

/**
 * Accepts an answer only when its Body, the very element that is read afterwards, is signed by a trusted certificate. There is one tree: what
 * is verified and what is read cannot be two things. Anything that is not expected (a second signature, an id that occurs twice, a transform,
 * SHA-1) is a refusal.
 * @throws Fault `protocol`, code `signature`
 */
export function verifyEnvelope(envelope: IncomingEnvelope, rules: AnswerRules, now: number): void {
  const { header, body } = envelope
  const securities = header?.all(wsse, 'Security') ?? []
  const [security] = securities
  if (security === undefined) throw refused('is not signed')
  if (securities.length > 1) throw refused('holds several Security headers')
  if (only(security, namespaces.encryption, 'EncryptedKey') !== undefined)
    throw refused('is encrypted, which is not supported')
  const signature = only(security, ds, 'Signature')
  if (signature === undefined) throw refused('is not signed')
  for (const element of envelope.root.walk())
    if (element.is(ds, 'Signature') && element !== signature) throw refused('holds several signatures')
  const certificate = certificateOf(signature, security, rules.trust)
  const reason = distrust(certificate, rules.trust, now)
  if (reason !== undefined) throw refused(`is not trusted: ${reason}`)
  const signed = checkSignature(signature, certificate, idsOf(envelope.root))
  if (!signed.has(body)) throw refused('has a Body that is not signed')
  const stamp = only(security, wsu, 'Timestamp')
  if (rules.timestamp && stamp === undefined) throw refused('has no Timestamp')
  if (stamp === undefined) return
  if (rules.timestamp && !signed.has(stamp)) throw refused('has a Timestamp that is not signed')
  checkTime(stamp, rules.skewSeconds * 1000, now)
}

/** Checks SignedInfo and every digest; gives the elements that are signed. */
function checkSignature(signature: XmlElement, certificate: X509Certificate, ids: Ids): ReadonlySet<XmlElement> {
  const info = only(signature, ds, 'SignedInfo')
  const value = only(signature, ds, 'SignatureValue')
  if (info === undefined || value === undefined) throw refused('has an incomplete signature')
  // Canonicalized before anything is proven: it must be small.
  let elements = 0
  for (const _ of info.walk())
    if (++elements > mostElements) throw refused('has a signature without parts, or with too many')
  const method = only(info, ds, 'CanonicalizationMethod')
  const inclusive = prefixesOf(method)
  const algorithm = only(info, ds, 'SignatureMethod')?.attribute('Algorithm') ?? ''
  const hash = Object.hasOwn(signatureHashes, algorithm) ? signatureHashes[algorithm] : undefined
  if (hash === undefined) throw refused('is signed by a method that is not accepted: RSA with SHA-256, 384 or 512')
  const key = certificate.publicKey
  if (key.asymmetricKeyType !== 'rsa') throw refused('is signed by RSA under a certificate of another kind')
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048)
    throw refused('is signed by an RSA key of less than 2048 bits')
  if (!verify(hash, Buffer.from(canonicalXml(info, inclusive)), key, Buffer.from(value.text, 'base64')))
    throw refused('has a signature that does not fit')
  const references = info.all(ds, 'Reference')
  if (references.length === 0 || references.length > mostReferences)
    throw refused('has a signature without parts, or with too many')
  return new Set(references.map((reference) => checkReference(reference, ids)))
}

function checkReference(reference: XmlElement, ids: Ids): XmlElement {
  const id = /^#([^#]+)$/.exec(reference.attribute('URI') ?? '')?.[1]
  const target = id === undefined ? undefined : ids.get(id)
  if (target === undefined) throw refused('has a signature over something that is not in it')
  if (target === 'twice') throw refused('holds an id twice')
  const transforms = only(reference, ds, 'Transforms')?.elements ?? []
  const [transform] = transforms
  if (transforms.length !== 1 || transform?.is(ds, 'Transform') !== true)
    throw refused('has a signature with other transforms than one exclusive canonicalization')
  const inclusive = prefixesOf(transform)
  const algorithm = only(reference, ds, 'DigestMethod')?.attribute('Algorithm') ?? ''
  const hash = Object.hasOwn(digestHashes, algorithm) ? digestHashes[algorithm] : undefined
  if (hash === undefined) throw refused('has a digest that is not accepted: SHA-256, 384 or 512')
  const stated = Buffer.from(only(reference, ds, 'DigestValue')?.text ?? '', 'base64')
  if (!createHash(hash).update(canonicalXml(target, inclusive)).digest().equals(stated))
    throw refused('was changed after it was signed')
  return target
}

/** PrefixList of an exclusive canonicalization. Any other algorithm is refused. */
function prefixesOf(method: XmlElement | undefined): readonly string[] {
  if (method?.attribute('Algorithm') !== exclusive)
    throw refused('is canonicalized by another method than exclusive c14n')
  const list = only(method, exclusive, 'InclusiveNamespaces')
  if (method.elements.length > (list === undefined ? 0 : 1))
    throw refused('has a canonicalization with unknown settings')
  const prefixes = list?.attribute('PrefixList')?.trim().split(/\s+/).filter(Boolean) ?? []
  if (prefixes.length > mostPrefixes) throw refused('has a canonicalization with unknown settings')
  return prefixes
}

type Ids = ReadonlyMap<string, XmlElement | 'twice'>

/** Every attribute that some parser could take for an id. */
function idsOf(root: XmlElement): Ids {
  const ids = new Map<string, XmlElement | 'twice'>()
  for (const element of root.walk()) {
    const own = new Set<string>()
    for (const { local, uri, value } of element.attributes) {
      const isId =
        uri === wsu ? local === 'Id' : uri === namespaces.xml ? local === 'id' : uri === '' && /^id$/i.test(local)
      if (isId) own.add(value)
    }
    for (const id of own) ids.set(id, ids.has(id) ? 'twice' : element)
  }
  return ids
}

/** The certificate that KeyInfo leads to; it proves nothing before it is trusted. */
function certificateOf(
  signature: XmlElement,
  security: XmlElement,
  { certificates }: CertificateTrust,
): X509Certificate {
  const info = only(signature, ds, 'KeyInfo')
  const holder = info === undefined ? undefined : (only(info, wsse, 'SecurityTokenReference') ?? info)
  const reference = holder === undefined ? undefined : only(holder, wsse, 'Reference')
  if (reference !== undefined) {
    const id = /^#([^#]+)$/.exec(reference.attribute('URI') ?? '')?.[1]
    const tokens = security.all(wsse, 'BinarySecurityToken').filter((token) => token.attribute('Id', wsu) === id)
    const [token] = tokens
    const found = id !== undefined && tokens.length === 1 && token !== undefined ? fromBase64(token.text) : undefined
    if (found !== undefined) return found
    throw refused('names no certificate of its own')
  }
  const data = holder === undefined ? undefined : only(holder, ds, 'X509Data')
  const inline = data === undefined ? undefined : only(data, ds, 'X509Certificate')
  const found = inline === undefined ? undefined : fromBase64(inline.text)
  if (found !== undefined) return found
  const pinned = certificates.find((one) => isNamedBy(one, holder, data))
  if (pinned !== undefined) return pinned
  throw refused('names a certificate in a way that is not supported, or one that is not pinned')
}

/** By thumbprint, subject key identifier, or issuer and serial number: only pinned certificates can be found so. */
function isNamedBy(
  certificate: X509Certificate,
  holder: XmlElement | undefined,
  data: XmlElement | undefined,
): boolean {
  const identifier = holder === undefined ? undefined : only(holder, wsse, 'KeyIdentifier')
  if (identifier?.attribute('ValueType')?.endsWith('#ThumbprintSHA1') === true) {
    const thumbprint = Buffer.from(certificate.fingerprint.replaceAll(':', ''), 'hex')
    return Buffer.from(identifier.text, 'base64').equals(thumbprint)
  }
  if (identifier?.attribute('ValueType')?.endsWith('#X509v3') === true)
    return fromBase64(identifier.text)?.raw.equals(certificate.raw) === true
  const issuer = data === undefined ? undefined : only(data, ds, 'X509IssuerSerial')
  const serial = issuer === undefined ? undefined : only(issuer, ds, 'X509SerialNumber')?.text.trim()
  return serial !== undefined && /^\d{1,60}$/.test(serial) && BigInt(serial) === BigInt(`0x${certificate.serialNumber}`)
}

function fromBase64(text: string): X509Certificate | undefined {
  return readCertificate(Buffer.from(text.replace(/\s+/g, ''), 'base64'))
}

function checkTime(stamp: XmlElement, skew: number, now: number): void {
  const at = (local: string): number | undefined => {
    const text = only(stamp, wsu, local)?.text.trim()
    if (text === undefined) return undefined
    const time = /(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Date.parse(`${text}Z`)
    if (Number.isNaN(time)) throw refused('has a Timestamp that is no time')
    return time
  }
  const created = at('Created')
  const expires = at('Expires')
  if (created === undefined) throw refused('has a Timestamp without a time')
  if (created > now + skew) throw refused('has a Timestamp of the future: do the clocks of both sides agree?')
  // Without an end of its own a message is fresh for five minutes.
  if ((expires ?? created + 300_000) + skew <= now) throw refused('is too old: do the clocks of both sides agree?')
}

/** The one child of this name. @throws Fault when there are several: which one would be meant? */
function only(parent: XmlElement, uri: string, local: string): XmlElement | undefined {
  const found = parent.all(uri, local)
  if (found.length > 1) throw refused(`holds several ${local}`)
  return found[0]
}

function refused(why: string): Fault {
  return new Fault({
    kind: 'protocol',
    code: 'signature',
    sent: 'all',
    message: `the answer ${why} (WS-Security): nothing of it was used`,
  })
}
