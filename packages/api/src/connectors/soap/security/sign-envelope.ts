import { createHash, type KeyObject, sign, type X509Certificate } from 'node:crypto'
import type { OutgoingEnvelope } from '../message/build-envelope.ts'
import { canonicalXml } from '../xml/canonical-xml.ts'
import { namespaces } from '../xml/names.ts'
import type { XmlElement } from '../xml/xml-element.ts'

export const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'

/** Signature and digest algorithms by their URI. SHA-1 is not among them. */
export const signatureHashes: Readonly<Record<string, string>> = {
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256': 'sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384': 'sha384',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512': 'sha512',
}
export const digestHashes: Readonly<Record<string, string>> = {
  'http://www.w3.org/2001/04/xmlenc#sha256': 'sha256',
  'http://www.w3.org/2001/04/xmldsig-more#sha384': 'sha384',
  'http://www.w3.org/2001/04/xmlenc#sha512': 'sha512',
}

const methods = {
  'rsa-sha256': { signature: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', hash: 'sha256' },
  'rsa-sha512': { signature: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', hash: 'sha512' },
} as const
const digestMethod = 'http://www.w3.org/2001/04/xmlenc#sha256'

export interface SigningIdentity {
  readonly key: KeyObject
  readonly certificate: X509Certificate
  readonly algorithm: 'rsa-sha256' | 'rsa-sha512'
  /** Parts that are signed, of those that the message has. */
  readonly parts: readonly ('body' | 'timestamp' | 'token' | 'addressing')[]
}

/** Signs elements that carry a wsu:Id; `token` is the id of the BinarySecurityToken that holds the certificate. */
export function signEnvelope(
  envelope: OutgoingEnvelope,
  header: XmlElement,
  parts: readonly XmlElement[],
  token: string,
  { key, algorithm }: SigningIdentity,
): void {
  const { signature: method, hash } = methods[algorithm]
  const ds = namespaces.signature
  const add = (parent: XmlElement, local: string, text?: string): XmlElement =>
    parent.append(envelope.element(ds, local, text))
  const algorithmOf = (element: XmlElement, uri: string): void => envelope.plain(element, 'Algorithm', uri)
  const signature = add(header, 'Signature')
  const info = add(signature, 'SignedInfo')
  algorithmOf(add(info, 'CanonicalizationMethod'), exclusive)
  algorithmOf(add(info, 'SignatureMethod'), method)
  // All namespaces of the message are known by now: canonical forms need them declared.
  envelope.seal()
  for (const part of parts) {
    const reference = add(info, 'Reference')
    envelope.plain(reference, 'URI', `#${part.attribute('Id', namespaces.securityUtility) ?? ''}`)
    algorithmOf(add(add(reference, 'Transforms'), 'Transform'), exclusive)
    algorithmOf(add(reference, 'DigestMethod'), digestMethod)
    add(reference, 'DigestValue', createHash('sha256').update(canonicalXml(part)).digest('base64'))
  }
  add(signature, 'SignatureValue', sign(hash, Buffer.from(canonicalXml(info)), key).toString('base64'))
  const holder = add(signature, 'KeyInfo').append(envelope.element(namespaces.security, 'SecurityTokenReference'))
  const reference = holder.append(envelope.element(namespaces.security, 'Reference'))
  envelope.plain(reference, 'URI', `#${token}`)
  envelope.plain(
    reference,
    'ValueType',
    'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3',
  )
}
