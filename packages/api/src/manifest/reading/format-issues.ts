import type { z } from 'zod'
import type { ManifestIssue, ManifestPath } from '../issue.ts'
import { meant } from './nearest.ts'
import { adviceAt, allowedValues, knownKeys } from './schema-at.ts'

type ZodIssue = z.core.$ZodIssue

const names: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  null: 'null',
  undefined: 'missing',
}

const nameOf = (type: string): string => names[type] ?? type

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return nameOf(Array.isArray(value) ? 'array' : typeof value)
}

function valueAt(manifest: unknown, path: ManifestPath): unknown {
  let value: unknown = manifest
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Readonly<Record<string | number, unknown>>)[part]
  }
  return value
}

const whereOf = (path: ManifestPath): string => (path.length === 0 ? 'the manifest' : `"${path.at(-1)}"`)

/** What the format refuses, in words for people: with the nearest known name, the values allowed, or an example. */
export function formatIssues(issues: readonly ZodIssue[], manifest: unknown): ManifestIssue[] {
  const told = issues.flatMap((issue) => formatIssue(issue, [], manifest))
  // A misspelt key is told once, not also as the lack of the right one.
  const meantKeys = new Set(
    told
      .filter(({ code }) => code === 'unknown-key')
      .map(({ path, remedy }) => keyOf(path, /"(.*)"/.exec(remedy)?.[1])),
  )
  return told.filter(({ code, path }) => code !== 'missing-key' || !meantKeys.has(keyOf(path, String(path.at(-1)))))
}

const keyOf = (path: ManifestPath, last: string | undefined): string => JSON.stringify([path.slice(0, -1), last])

function formatIssue(issue: ZodIssue, base: ManifestPath, manifest: unknown): ManifestIssue[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))]
  const last = String(path.at(-1) ?? 'the manifest')
  const value = valueAt(manifest, path)
  const tell = (code: string, message: string, remedy: string, at: ManifestPath = path): ManifestIssue[] => [
    { level: 'error', code, path: at, message, remedy },
  ]
  const advice = (otherwise: string): string => adviceAt(path, manifest) ?? otherwise
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(path, manifest)
      return issue.keys.flatMap((key) =>
        tell('unknown-key', `"${key}" is not a key of ${whereOf(path)}.`, meant(key, known, 'keys'), [...path, key]),
      )
    }
    case 'invalid_type':
      if (value === undefined)
        return tell('missing-key', `"${last}" is missing.`, advice(`It must be ${nameOf(issue.expected)}.`))
      return tell(
        'wrong-type',
        `"${last}" must be ${nameOf(issue.expected)}, not ${typeOf(value)}.`,
        issue.expected === 'string' ? 'Put it in quotes.' : advice('Change it.'),
      )
    case 'invalid_value': {
      const allowed = issue.values.map(String)
      const [only] = allowed
      if (allowed.length === 1 && value !== undefined)
        return tell('wrong-value', `"${last}" must be ${only}.`, `Write ${only}.`)
      if (value === undefined) return tell('missing-key', `"${last}" is missing.`, `Allowed: ${allowed.join(', ')}.`)
      return tell(
        'wrong-value',
        `"${last}" must be one of ${allowed.join(', ')}.`,
        typeof value === 'string' ? meant(value, allowed, 'values') : `Allowed: ${allowed.join(', ')}.`,
      )
    }
    case 'invalid_union':
      return unionIssue(issue, path, manifest)
    case 'invalid_format':
      return tell('wrong-form', `"${last}" ${formatWords(issue.message, issue.format)}.`, advice('Change the text.'))
    case 'invalid_key':
      return tell(
        'wrong-name',
        `The name "${last}" ${issue.issues[0]?.message ?? 'is not allowed'}.`,
        'Choose another name.',
      )
    case 'invalid_element':
      return issue.issues.flatMap((inner) => formatIssue(inner, path, manifest))
    case 'too_small':
      if (issue.origin === 'string')
        return tell('too-small', `"${last}" must not be empty.`, advice('Write something.'))
      if (issue.origin === 'array')
        return tell('too-small', `"${last}" needs at least ${issue.minimum} entries.`, advice('Add one.'))
      return tell('too-small', `"${last}" must be ${least(issue)}.`, 'Raise it.')
    case 'too_big':
      if (issue.origin === 'string')
        return tell('too-large', `"${last}" must have at most ${issue.maximum} characters.`, 'Shorten it.')
      if (issue.origin === 'array')
        return tell('too-large', `"${last}" must have at most ${issue.maximum} entries.`, 'Shorten it.')
      return tell('too-large', `"${last}" must be at most ${issue.maximum}.`, 'Lower it.')
    default:
      return tell('wrong-value', `"${last}": ${issue.message}.`, advice('Change it.'))
  }
}

const least = (issue: { minimum: number | bigint; inclusive?: boolean }): string =>
  issue.inclusive === false ? `more than ${issue.minimum}` : `at least ${issue.minimum}`

/** Messages of our own begin with "must"; zod's tell its name of the format. */
function formatWords(message: string, format: string): string {
  if (message.startsWith('must')) return message
  if (format === 'url') return 'must be an https URL'
  if (format === 'date') return 'must be a day such as 2026-11-01'
  if (format === 'datetime') return 'must be a point in time such as 2026-01-01T00:00:00Z'
  return 'has another form'
}

/** Of several shapes the one that the author most likely meant is told: that whose type fits and that has the fewest mistakes. */
function unionIssue(
  issue: Extract<ZodIssue, { code: 'invalid_union' }>,
  path: ManifestPath,
  manifest: unknown,
): ManifestIssue[] {
  const value = valueAt(manifest, path)
  const last = String(path.at(-1) ?? 'the manifest')
  const tell = (code: string, message: string, remedy: string): ManifestIssue[] => [
    { level: 'error', code, path, message, remedy },
  ]
  const allowed = allowedValues(path, manifest).map(String)
  if (issue.errors.length === 0) {
    if (value === undefined) return tell('missing-key', `"${last}" is missing.`, `Allowed: ${allowed.join(', ')}.`)
    return tell('wrong-value', `"${last}" is none of the kinds that there are.`, meant(String(value), allowed, 'kinds'))
  }
  if (value === undefined) return tell('missing-key', `"${last}" is missing.`, adviceAt(path, manifest) ?? 'Add it.')
  const branches = issue.errors.map((branch) => branch.flatMap((inner) => formatIssue(inner, path, manifest)))
  const ofType = branches.filter(
    (branch) => !branch.some((one) => one.code === 'wrong-type' && one.path.length === path.length),
  )
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (isObject && ofType.length > 1) {
    const keys = Object.keys(value)
    const known = knownKeys(path, manifest)
    const strange = keys.find((key) => !known.includes(key))
    if (strange !== undefined && keys.length === 1)
      return [
        {
          level: 'error',
          code: 'unknown-key',
          path: [...path, strange],
          message: `"${strange}" is not a key of ${whereOf(path)}.`,
          remedy: meant(strange, known, 'keys'),
        },
      ]
  }
  const best = ofType.toSorted((a, b) => a.length - b.length)[0]
  if (best !== undefined && best.length > 0) return best.slice(0, 3)
  const advice = adviceAt(path, manifest)
  return tell('wrong-type', `"${last}" must not be ${typeOf(value)}.`, advice ?? 'Change it.')
}
