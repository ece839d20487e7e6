import { type DeclaredCredential, entryOf, type Manifest } from '../declarative/manifest-parts.ts'
import type { SecurityFacts } from './facts.ts'

/** What a credential writes into requests. */
interface Written {
  readonly in: 'header' | 'query' | 'cookie'
  readonly name: string
  readonly prefix?: string | undefined
}

const authorization: Written = { in: 'header', name: 'authorization' }

/** What a credential writes; empty for client certificates, which stand below HTTP. */
export function writtenBy(credential: DeclaredCredential, manifest: Manifest): readonly Written[] {
  switch (credential.scheme) {
    case 'none':
    case 'mtls':
      return []
    case 'api-key':
      return [credential.settle]
    case 'session':
      return credential.settle.writes.map(place)
    case 'signer':
      return (entryOf(manifest.signers, credential.settle.signer)?.writes ?? []).map(place)
    case 'http-message-signature':
      return [{ in: 'header', name: 'signature' }]
    default:
      return [authorization]
  }
}

type Write = { readonly header: string } | { readonly query: string } | { readonly cookie: string }

function place(write: Write): Written {
  if ('header' in write) return { in: 'header', name: write.header }
  return 'query' in write ? { in: 'query', name: write.query } : { in: 'cookie', name: write.cookie }
}

const tokens = new Set([
  'bearer',
  'openid-connect',
  'oauth2-client-credentials',
  'oauth2-code',
  'oauth2-password',
  'oauth2-implicit',
  'oauth2-jwt-bearer',
])

/**
 * Whether a credential is what one scheme of a description asks for. All ways to come by an OAuth token are one: descriptions name the flow
 * of their own console, and what reaches the server is the same header.
 */
export function satisfies(credential: DeclaredCredential, manifest: Manifest, theirs: SecurityFacts): boolean {
  const { scheme } = credential
  const writes = writtenBy(credential, manifest)
  if (theirs.scheme === 'none') return true
  if (theirs.scheme === 'api-key') return writes.some((one) => isSame(one, theirs))
  const ownHeader = writes.some((one) => one.in === 'header' && one.name.toLowerCase() === 'authorization')
  if (tokens.has(theirs.scheme)) {
    if (scheme === 'bearer' || scheme.startsWith('oauth2-')) return true
    if (scheme === 'api-key') return ownHeader && /^(?:bearer|token)\b/i.test(credential.settle.prefix ?? '')
    return scheme === 'session' && ownHeader
  }
  if (theirs.scheme === 'unknown') return scheme === 'oauth1' || scheme === 'signer' || scheme === 'session'
  return scheme === theirs.scheme
}

function isSame(one: Written, { in: place, name = '' }: SecurityFacts): boolean {
  if (one.in !== place) return false
  return one.in === 'header' ? one.name.toLowerCase() === name.toLowerCase() : one.name === name
}
