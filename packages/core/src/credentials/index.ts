export { type ApiKeyConfig, apiKey } from './api-key.ts'
export type { AwsKeys } from './aws/aws-keys.ts'
export { type AwsSigV4Config, awsSigV4 } from './aws/aws-sigv4.ts'
export { type PresignRequest, presignAwsSigV4 } from './aws/presign.ts'
export { type BasicConfig, basic } from './basic.ts'
export { type BearerConfig, bearer } from './bearer.ts'
export type { SignatureAlgorithm } from './message-signatures/algorithms.ts'
export { contentDigest, type DigestAlgorithm, verifyContentDigest } from './message-signatures/content-digest.ts'
export { type HttpMessageSignatureConfig, httpMessageSignature } from './message-signatures/http-message-signature.ts'
export type { SignedMessage, SignedRequest, SignedResponse } from './message-signatures/signature-base.ts'
export {
  type MessageVerdict,
  type VerificationKey,
  type VerifyMessageOptions,
  verifyMessage,
} from './message-signatures/verify-message.ts'
export { type MtlsConfig, mtls } from './mtls.ts'
export { none } from './none.ts'
export { type OAuth1Config, type OAuth1Method, oauth1 } from './oauth1.ts'
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
export { oauth2Password, type PasswordGrantConfig } from './oauth2/password.ts'
export { oauth2RefreshToken, type RefreshTokenConfig } from './oauth2/refresh-token.ts'
export type { TokenEndpointConfig } from './oauth2/token-endpoint.ts'
export { oauth2TokenExchange, type TokenExchangeConfig, type TokenSupply } from './oauth2/token-exchange.ts'
export type { PrivateKeyInput } from './private-key.ts'
export { defineScheme, presetScheme, type SchemeFunction } from './scheme.ts'
export type { LoginSpec, LoginStep, SessionLifetime, Taking } from './session/login-spec.ts'
export { type SessionLoginConfig, sessionLogin } from './session/session-login.ts'
export { type JwtAlgorithm, signJwt, signSharedJwt } from './sign-jwt.ts'
export { type HmacConfig, hmac, type SignerSpec } from './signers/hmac.ts'
export type { Value } from './signers/value.ts'
export type { Writing } from './signers/write-values.ts'
export type { RefreshTokenUse } from './tokens/token-faults.ts'
