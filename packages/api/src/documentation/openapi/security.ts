import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { defined } from './document.ts'

type Credential = IntegrationManifest['credentials'][number]
type SecurityScheme = Readonly<Record<string, unknown>>

/** OpenAPI knows no variables in these URLs; the name of a variable stands for its value. */
export const plainUrl = (template: string): string =>
  template.replaceAll(/^\{[^{}]*\}/g, 'https://server.example').replaceAll(/\{([^{}]*)\}/g, '$1')

function tokenFlow(credential: Credential): Record<string, unknown> {
  const settle = ('settle' in credential ? credential.settle : {}) as {
    tokenEndpoint?: string
    authorizationEndpoint?: string
    scope?: readonly string[]
  }
  const scopes = { ...Object.fromEntries((settle.scope ?? []).map((scope) => [scope, scope])), ...credential.scopes }
  return defined({
    tokenUrl: plainUrl(settle.tokenEndpoint ?? ''),
    authorizationUrl: settle.authorizationEndpoint === undefined ? undefined : plainUrl(settle.authorizationEndpoint),
    scopes,
  })
}

const headerKey = (name: string, description: string): SecurityScheme => ({
  type: 'apiKey',
  in: 'header',
  name,
  description,
})

/** How OpenAPI says what a credential does. What it has no words for is a header that is written, with a sentence. */
export function securityScheme(
  credential: Credential,
  signers: IntegrationManifest['signers'],
): SecurityScheme | undefined {
  const words = credential.title ?? credential.scheme
  switch (credential.scheme) {
    case 'none':
    // It stands in envelopes, which OpenAPI does not describe.
    case 'ws-security':
      return undefined
    case 'api-key':
      return { type: 'apiKey', in: credential.settle.in, name: credential.settle.name, description: words }
    case 'bearer':
      return { type: 'http', scheme: 'bearer', description: words }
    case 'basic':
      return { type: 'http', scheme: 'basic', description: words }
    case 'mtls':
      return { type: 'mutualTLS', description: words }
    case 'oauth2-code':
      return { type: 'oauth2', description: words, flows: { authorizationCode: tokenFlow(credential) } }
    case 'oauth2-password':
      return { type: 'oauth2', description: words, flows: { password: tokenFlow(credential) } }
    case 'oauth2-client-credentials':
      return { type: 'oauth2', description: words, flows: { clientCredentials: tokenFlow(credential) } }
    case 'oauth2-refresh-token':
    case 'oauth2-jwt-bearer':
    case 'oauth2-token-exchange':
      return { type: 'http', scheme: 'bearer', description: `${words}: a token had by ${credential.scheme}` }
    case 'oauth1':
      return { type: 'http', scheme: 'OAuth', description: words }
    case 'aws-sigv4':
      return headerKey('Authorization', `${words}: AWS Signature Version 4`)
    case 'http-message-signature':
      return headerKey('Signature', `${words}: HTTP message signatures (RFC 9421)`)
    case 'session':
    case 'signer': {
      const own =
        credential.scheme === 'signer' ? signers?.[credential.settle.signer]?.writes : credential.settle.writes
      const first = (own ?? []).find((one) => 'header' in one || 'query' in one || 'cookie' in one)
      const [place, name] = Object.entries(first ?? { header: 'Authorization' })[0] as [string, string]
      return { type: 'apiKey', in: place, name, description: `${words}: written for each request` }
    }
  }
}
