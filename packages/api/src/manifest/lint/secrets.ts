import type { ManifestPath } from '../issue.ts'
import type { IntegrationManifest } from '../manifest.ts'
import { entriesOf, type Rule } from './rule.ts'

const known: readonly RegExp[] = [
  /\b(?:sk|rk|pk)_(?:live|test)_[0-9A-Za-z]{16,}/,
  /\bgh[pousr]_[0-9A-Za-z]{30,}/,
  /\bgithub_pat_[0-9A-Za-z_]{30,}/,
  /\bglpat-[\w-]{16,}/,
  /\bxox[abprs]-[0-9A-Za-z-]{10,}/,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\bAIza[\w-]{30,}/,
  /\bSG\.[\w-]{16,}\.[\w-]{16,}/,
]
const secretHeader = /^(?:authorization|proxy-authorization|cookie|x-api-key|api-key|x-auth-token|private-token)$/i

/** Long texts without words look like keys: letters of both cases and digits, and hardly a repetition. */
function looksRandom(text: string): boolean {
  if (!/^[\w+/=-]{32,}$/.test(text) || !/\d/.test(text) || !/[a-z]/.test(text) || !/[A-Z]/.test(text)) return false
  return new Set(text).size / Math.min(text.length, 40) > 0.45
}

/** Places whose texts go into requests. Vectors are published or made up, which their schema asks for. */
function sentTexts(manifest: IntegrationManifest): [ManifestPath, string, unknown][] {
  const found: [ManifestPath, string, unknown][] = []
  const add = (path: ManifestPath, record: Readonly<Record<string, unknown>> | undefined): void => {
    for (const [name, value] of entriesOf(record)) found.push([[...path, name], name, value])
  }
  add(['transport', 'headers'], manifest.transport?.headers)
  add(['transport', 'query'], manifest.transport?.query)
  for (const [name, { constants }] of entriesOf(manifest.operations))
    for (const part of ['headers', 'query', 'body'] as const)
      add(['operations', name, 'constants', part], constants?.[part])
  for (const [index, credential] of manifest.credentials.entries())
    if ('settle' in credential) add(['credentials', index, 'settle'], credential.settle)
  for (const [name, field] of entriesOf(manifest.config)) found.push([['config', name, 'default'], name, field.default])
  return found
}

/** No secret stands in a manifest: it is published. */
export const secretLiteral: Rule = {
  code: 'secret-literal',
  check(manifest, report) {
    const remedy = 'Make it a field of a credential; remove it here, and have it revoked if it is real.'
    for (const [path, name, value] of sentTexts(manifest)) {
      if (path[0] !== 'credentials' && typeof value === 'string' && secretHeader.test(name))
        report(
          path,
          `${name} carries credentials.`,
          'Let a credential write it: `credentials`, scheme api-key or bearer.',
        )
      else if (textsIn(value).some((text) => known.some((pattern) => pattern.test(text)) || looksRandom(text)))
        report(path, `The text of "${name}" looks like a secret.`, remedy)
    }
  },
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}
