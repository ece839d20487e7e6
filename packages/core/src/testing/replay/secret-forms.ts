/**
 * The ways in which a secret may stand in a text: plain, escaped for JSON, URL-encoded, in hexadecimal, and inside Base64 at each of
 * the three positions that it can have relative to the groups of four. Longest first.
 */
export function secretForms(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8')
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    new URLSearchParams({ s: secret }).toString().slice(2),
    ...derived(bytes.toString('hex')),
    ...derived(bytes.toString('hex').toUpperCase()),
    ...[0, 1, 2].flatMap((offset) => base64Inside(bytes, offset)),
  ]
  return [...new Set(forms)].toSorted((a, b) => b.length - a.length)
}

/** Forms this short appear by accident. */
const shortestDerived = 8

const derived = (text: string): string[] => (text.length >= shortestDerived ? [text] : [])

/** The characters of Base64 that the secret alone decides when `offset` bytes stand before it, in both alphabets. */
function base64Inside(bytes: Buffer, offset: number): string[] {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
  // The first character after the foreign bytes mixes their bits with ours; so does the last one when the group is not full.
  const start = Math.ceil((offset * 8) / 6)
  const end = Math.floor(((offset + bytes.length) * 8) / 6)
  const certain = encoded.slice(start, end)
  return derived(certain).flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')])
}
