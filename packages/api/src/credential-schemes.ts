import type { CredentialScheme } from '@patchbay/core'
import {
  apiKey,
  awsSigV4,
  basic,
  bearer,
  hmac,
  httpMessageSignature,
  mtls,
  none,
  oauth1,
  oauth2ClientCredentials,
  oauth2Code,
  oauth2JwtBearer,
  oauth2Password,
  oauth2RefreshToken,
  oauth2TokenExchange,
  sessionLogin,
} from '@patchbay/core/credentials'

/** All of core's: which of them a server takes, its owner knows. */
export const credentialSchemes: readonly CredentialScheme[] = [
  ...[none, apiKey, basic, bearer, hmac, mtls, oauth1, awsSigV4, httpMessageSignature, sessionLogin],
  ...[oauth2ClientCredentials, oauth2Code, oauth2JwtBearer, oauth2Password, oauth2RefreshToken, oauth2TokenExchange],
].map(({ scheme }) => scheme)
