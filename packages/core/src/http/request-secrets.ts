import type { SignableRequest } from '../credential.ts'
import type { CredentialMarks } from './transport.ts'

/**
 * The values that a credential wrote into a request, whole and in their parts (`Bearer x` gives `x` too), so that an error text in which
 * the vendor repeats them can be cleaned. Called only after a failure.
 */
export function secretsIn(request: SignableRequest, marks: CredentialMarks): readonly string[] {
  const found = new Set<string>()
  for (const name of marks.headers) {
    const value = request.headers[name]
    for (const text of typeof value === 'string' ? [value] : (value ?? [])) addParts(found, text)
  }
  if (marks.query.length > 0 && URL.canParse(request.url)) {
    const { searchParams } = new URL(request.url)
    for (const name of marks.query) {
      for (const text of searchParams.getAll(name)) {
        addParts(found, text)
        found.add(encodeURIComponent(text))
      }
    }
  }
  // The longest first, so that no part of a longer one is left over.
  return [...found].sort((a, b) => b.length - a.length)
}

function addParts(found: Set<string>, text: string): void {
  found.add(text)
  // OAuth 1.0a, Digest and others quote their parameters; a vendor repeats the token without the quotes.
  for (const separator of [/\s+/, /[\s,;=]+/, /[\s,;="]+/]) {
    for (const part of text.split(separator)) if (part.length >= 8) found.add(part)
  }
  const basic = /^basic\s+(\S+)$/i.exec(text)?.[1]
  if (basic === undefined) return
  const plain = Buffer.from(basic, 'base64').toString('utf8')
  const password = plain.slice(plain.indexOf(':') + 1)
  found.add(plain)
  if (password.length >= 4) found.add(password)
}
