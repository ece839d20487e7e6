import { createHash, type X509Certificate } from 'node:crypto'
import type { Clock, Random, Secret } from '@patchbay/core'
import type { OutgoingEnvelope } from '../message/build-envelope.ts'
import { namespaces } from '../xml/names.ts'
import type { XmlElement } from '../xml/xml-element.ts'
import { type SigningIdentity, signEnvelope } from './sign-envelope.ts'

const profile = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0'
export const encodingBase64 =
  'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary'
export const tokenX509 = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3'

export interface UsernameToken {
  readonly username: string
  readonly password: Secret
  /** `digest`: PasswordDigest with nonce and time. `text`: PasswordText, for which only TLS protects the password. */
  readonly type: 'text' | 'digest'
  /** PasswordText with a nonce and a time too. */
  readonly nonce: boolean
}

export interface SecuritySettings {
  readonly token: UsernameToken | undefined
  /** Seconds for which a message is fresh; undefined: no Timestamp. */
  readonly freshForSeconds: number | undefined
  readonly signing: SigningIdentity | undefined
  readonly mustUnderstand: boolean
  readonly actor: string | undefined
}

/** Adds the Security header of WS-Security 1.1. The envelope may not change after it: it may be signed. */
export function secureEnvelope(
  envelope: OutgoingEnvelope,
  settings: SecuritySettings,
  env: { readonly clock: Clock; readonly random: Random },
): void {
  const { token, freshForSeconds, signing, mustUnderstand, actor } = settings
  const header = envelope.header.append(envelope.element(namespaces.security, 'Security'))
  const soap = envelope.root.uri
  if (mustUnderstand) envelope.mark(header, soap, 'mustUnderstand', envelope.version === '1.1' ? '1' : 'true')
  if (actor !== undefined) envelope.mark(header, soap, envelope.version === '1.1' ? 'actor' : 'role', actor)
  const now = env.clock.now()
  const id = (name: string): string => `${name}-${env.random.uuid()}`
  const binary = signing === undefined ? undefined : addBinaryToken(envelope, header, signing.certificate, id('X509'))
  const signed: XmlElement[] = []
  if (freshForSeconds !== undefined) {
    const stamp = addTimestamp(envelope, header, now, freshForSeconds, id('TS'))
    if (signing?.parts.includes('timestamp') === true) signed.push(stamp)
  }
  if (token !== undefined) {
    const added = addUsernameToken(envelope, header, token, now, env.random, id('UT'))
    if (signing?.parts.includes('token') === true) signed.push(added)
  }
  if (signing === undefined || binary === undefined) return
  if (signing.parts.includes('body')) {
    envelope.mark(envelope.body, namespaces.securityUtility, 'Id', id('Body'))
    signed.push(envelope.body)
  }
  if (signing.parts.includes('addressing')) {
    for (const one of envelope.header.elements) {
      if (one.uri !== namespaces.addressing) continue
      envelope.mark(one, namespaces.securityUtility, 'Id', id('WSA'))
      signed.push(one)
    }
  }
  signEnvelope(envelope, header, signed, binary, signing)
}

function addBinaryToken(
  envelope: OutgoingEnvelope,
  header: XmlElement,
  certificate: X509Certificate,
  id: string,
): string {
  const element = header.append(
    envelope.element(namespaces.security, 'BinarySecurityToken', certificate.raw.toString('base64')),
  )
  envelope.plain(element, 'EncodingType', encodingBase64)
  envelope.plain(element, 'ValueType', tokenX509)
  envelope.mark(element, namespaces.securityUtility, 'Id', id)
  return id
}

function addTimestamp(
  envelope: OutgoingEnvelope,
  header: XmlElement,
  now: number,
  seconds: number,
  id: string,
): XmlElement {
  const utility = namespaces.securityUtility
  const element = header.append(envelope.element(utility, 'Timestamp'))
  envelope.mark(element, utility, 'Id', id)
  element.append(envelope.element(utility, 'Created', new Date(now).toISOString()))
  element.append(envelope.element(utility, 'Expires', new Date(now + seconds * 1000).toISOString()))
  return element
}

function addUsernameToken(
  envelope: OutgoingEnvelope,
  header: XmlElement,
  { username, password, type, nonce }: UsernameToken,
  now: number,
  random: Random,
  id: string,
): XmlElement {
  const element = header.append(envelope.element(namespaces.security, 'UsernameToken'))
  envelope.mark(element, namespaces.securityUtility, 'Id', id)
  element.append(envelope.element(namespaces.security, 'Username', username))
  const created = new Date(now).toISOString()
  const bytes = Buffer.from(random.bytes(16))
  const digest = type === 'digest'
  // UsernameToken Profile 1.1 section 3.1 fixes SHA-1 here; the nonce and the time make it of one use.
  const shown = digest
    ? createHash('sha1').update(bytes).update(created).update(password.reveal()).digest('base64')
    : password.reveal()
  const secret = element.append(envelope.element(namespaces.security, 'Password', shown))
  envelope.plain(secret, 'Type', `${profile}#${digest ? 'PasswordDigest' : 'PasswordText'}`)
  if (!digest && !nonce) return element
  const once = element.append(envelope.element(namespaces.security, 'Nonce', bytes.toString('base64')))
  envelope.plain(once, 'EncodingType', encodingBase64)
  element.append(envelope.element(namespaces.securityUtility, 'Created', created))
  return element
}
