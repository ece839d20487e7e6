/** Longest text of a vendor that goes into a message, in characters. */
const longest = 300
/** What is looked at: cleaning is linear, but nobody needs it over a megabyte. */
const looked = 4000

// biome-ignore lint/suspicious/noControlCharactersInRegex: control and direction characters are what this takes out
const invisible = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g
const authorization = /\b(bearer|basic|token|negotiate)\s+[A-Za-z0-9._~+/=-]{8,}/gi
const jsonWebToken = /\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)*/g
const userInformation = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi
const namedSecret =
  /\b((?:api[-_ ]?key|access[-_ ]?token|refresh[-_ ]?token|client[-_ ]?secret|password|passwd|secret|token)["']?\s*[=:]\s*["']?)[^\s"',;&}]{4,}/gi

/**
 * True for an id or a code that is one of `secrets` or holds one: it is shown whole or not at all. Short secrets count only as the whole,
 * since a password such as `limit` would make half of the codes unreadable.
 */
export function repeatsSecret(text: string, secrets: readonly string[]): boolean {
  return secrets.some((secret) => text === secret || (secret.length >= 8 && text.includes(secret)))
}

/**
 * Text of a vendor, made safe for an error message: one line, without control or direction characters, cut to 300 characters, and without
 * `secrets` (which some vendors repeat) or anything that looks like a credential. Undefined when nothing is left.
 */
export function vendorText(text: string, secrets: readonly string[] = []): string | undefined {
  let clean = text.slice(0, looked)
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '[secret]')
  clean = clean
    .replace(invisible, ' ')
    .replace(jsonWebToken, '[secret]')
    .replace(authorization, '$1 [secret]')
    .replace(userInformation, '$1')
    .replace(namedSecret, '$1[secret]')
    .replace(/\s+/g, ' ')
    .trim()
    .toWellFormed()
  if (clean === '') return undefined
  return clean.length > longest ? `${clean.slice(0, longest - 1).toWellFormed()}…` : clean
}
