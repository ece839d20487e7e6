/** Text of another side as it may appear in an error: one line, printable, short, and without the given secrets in any usual encoding. */
export function redactText(text: unknown, secrets: readonly string[]): string {
  if (typeof text !== 'string') return ''
  let shown = text
  // The longest of all first: one secret may be the beginning of another, whose rest would be left over.
  const forms = secrets.flatMap(formsOf).sort((a, b) => b.length - a.length)
  for (const form of forms) shown = shown.replaceAll(form, '[secret]')
  shown = shown.replace(/[^\x20-\x7e]+/g, ' ').trim()
  return shown.length > 200 ? `${shown.slice(0, 200)}...` : shown
}

/** How a secret looks in texts: as it is, URL-encoded, form-encoded, base64 in both alphabets, inside a JSON string. */
export function formsOf(secret: string): string[] {
  if (secret.length < 4) return []
  const bytes = Buffer.from(secret, 'utf8')
  const forms = new Set([
    secret,
    encodeURIComponent(secret),
    new URLSearchParams([['', secret]]).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('base64'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ])
  return [...forms].sort((a, b) => b.length - a.length)
}
