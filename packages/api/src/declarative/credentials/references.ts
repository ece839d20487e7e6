/** Names of the secrets and fields that values of signers and logins refer to; what a login takes itself is not among them. */
export function namesIn(values: unknown): {
  readonly secrets: ReadonlySet<string>
  readonly fields: ReadonlySet<string>
} {
  const secrets = new Set<string>()
  const fields = new Set<string>()
  const walk = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 50) return
    if (!Array.isArray(value)) {
      const { secret, field } = value as { readonly secret?: unknown; readonly field?: unknown }
      if (typeof secret === 'string') secrets.add(secret)
      if (typeof field === 'string') fields.add(field)
    }
    for (const part of Object.values(value)) walk(part, depth + 1)
  }
  walk(values, 0)
  return { secrets, fields }
}

/** Names of the fields in the path of a login's step, such as `login` in /authn/{login}/authenticate. */
export const fieldsInPath = (path: string): readonly string[] =>
  [...path.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name as string)
