export { type ApiKeyConfig, apiKey } from './api-key.ts'
export type { AwsKeys } from './aws/aws-keys.ts'
export { type AwsSigV4Config, awsSigV4 } from './aws/aws-sigv4.ts'
export { type PresignRequest, presignAwsSigV4 } from './aws/presign.ts'
export { type BasicConfig, basic } from './basic.ts'
export { type BearerConfig, bearer } from './bearer.ts'
export { type MtlsConfig, mtls } from './mtls.ts'
export { none } from './none.ts'
export { type AuthorizationCodeConfig, oauth2Code } from './oauth2/authorization-code.ts'
export {
  type AuthorizationConfig,
  type AuthorizedTokens,
  type BegunAuthorization,
  beginAuthorization,
  completeAuthorization,
} from './oauth2/authorization-request.ts'
export type { ClientAuthentication, PrivateKeyJwt, TlsClientAuthentication } from './oauth2/client-authentication.ts'
export { type ClientCredentialsConfig, oauth2ClientCredentials } from './oauth2/client-credentials.ts'
export { type JwtBearerConfig, oauth2JwtBearer } from './oauth2/jwt-bearer.ts'
export { oauth2RefreshToken, type RefreshTokenConfig } from './oauth2/refresh-token.ts'
export type { TokenEndpointConfig } from './oauth2/token-endpoint.ts'
export { oauth2TokenExchange, type TokenExchangeConfig, type TokenSupply } from './oauth2/token-exchange.ts'
export type { PrivateKeyInput } from './private-key.ts'
export { defineScheme, presetScheme, type SchemeFunction } from './scheme.ts'
export { type JwtAlgorithm, signJwt, signSharedJwt } from './sign-jwt.ts'
export type { RefreshTokenUse } from './tokens/token-faults.ts'
