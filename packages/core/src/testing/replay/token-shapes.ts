/**
 * Shapes by which tokens are known, whatever field they stand in. Each is long or marked enough not to meet ordinary text.
 */
export const tokenShapes: readonly RegExp[] = [
  // JSON Web Tokens, signed or encrypted (RFC 7519).
  /\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*(?:\.[\w-]*){0,2}/g,
  // PEM keys.
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z0-9 ]*PRIVATE KEY-----/g,
  // Prefixed tokens: the prefix tells the kind, the rest is random.
  /\bgh[pousr]_[A-Za-z0-9]{30,}/g,
  /\bgithub_pat_\w{22,}/g,
  /\bglpat-[\w-]{20,}/g,
  /\bxox[a-z]-[\w-]{10,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[\w-]{35}/g,
  /\bya29\.[\w-]{20,}/g,
  /\b[a-z]{2}_(?:live|test)_[A-Za-z0-9]{16,}/g,
  /\bwhsec_[A-Za-z0-9+/=]{16,}/g,
  /\bnpm_[A-Za-z0-9]{36}/g,
  /\bSG\.[\w-]{16,}\.[\w-]{16,}/g,
  /\bdop_v1_[a-f0-9]{64}/g,
  /\bhvs\.[\w-]{20,}/g,
  /\bsk-[A-Za-z0-9_-]{20,}/g,
  // Authorization values quoted in text.
  /(?<=\b(?:Bearer|Basic) )[\w.~+/-]{8,}=*/g,
  // The password of a URL.
  /(?<=:\/\/[^/\s:@]+:)[^/\s@]+(?=@)/g,
]

export const emailShape = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g

/** Header fields that carry credentials or sessions: known names, and whatever calls itself a key, a token or the like. */
export const secretHeader =
  /^(?:proxy-)?authorization$|^(?:set-)?cookie$|(?:^|[-_])(?:apikey|token|secret|password|signature|session|credentials?|jwt|csrf|xsrf|auth)(?:[-_]|$)|(?<!idempotency-|websocket-|surrogate-|cache-|routing-|partition-)key$/i

/** Fields of JSON, of forms and of queries that hold a secret by their very name. Paging tokens are not among them. */
export const secretField =
  /^(?:access|refresh|id|auth|bearer|session|security|csrf|api)[-_]?token$|^(?:token|assertion|client[-_]?assertion|subject[-_]?token|actor[-_]?token|saml[-_]?response|code[-_]?verifier|device[-_]?code)$|^(?:client|consumer|app|shared|webhook|signing|encryption)?[-_]?secret(?:[-_]?(?:access)?[-_]?key)?$|^(?:api|access|private|secret|account|subscription|shared[-_]?access)[-_]?key(?:[-_]?id)?$|^(?:password|passwd|passphrase|pwd|pin|otp|totp|mfa[-_]?code|sig|signature|credential|x-amz-(?:signature|credential|security-token))$/i
