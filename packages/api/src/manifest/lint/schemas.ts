import { compileExpression, ExpressionError } from '../../expression/index.ts'
import { schemaIssues } from '../../json-schema/schema-issues.ts'
import type { ManifestPath } from '../issue.ts'
import type { IntegrationManifest } from '../manifest.ts'
import { entriesOf, type Rule } from './rule.ts'
import { schemaPlaces } from './schema-places.ts'

/** Schemas compile: no circles, patterns that end, bounds in order, defaults that fit. */
export const schemaCompiles: Rule = {
  code: 'schema',
  check(manifest, report) {
    for (const [path, schema] of schemaPlaces(manifest))
      for (const issue of schemaIssues(schema, manifest.schemas ?? {})) {
        // References that lead nowhere are told as such.
        if (/names no schema/.test(issue.message)) continue
        const [message = '', ...remedy] = issue.message.split('; ')
        report(
          [...path, ...keysOf(schema, issue.path)],
          `The schema ${message}.`,
          `${sentence(remedy.join('; ') || 'correct the schema')}.`,
        )
      }
  },
}

export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** A dotted path as keys; names with dots are found by trying the longest first. */
export function keysOf(value: unknown, dotted: string): ManifestPath {
  if (dotted === '' || typeof value !== 'object' || value === null) return []
  const parts = dotted.split('.')
  for (let length = parts.length; length > 0; length--) {
    const key = parts.slice(0, length).join('.')
    if (!Object.hasOwn(value, key)) continue
    const rest = keysOf((value as Readonly<Record<string, unknown>>)[key], parts.slice(length).join('.'))
    return [Array.isArray(value) ? Number(key) : key, ...rest]
  }
  return []
}

/** Every expression, with its place. Those of mappings are compiled with the mapping. */
export function expressionPlaces(manifest: IntegrationManifest): [ManifestPath, string][] {
  const found: [ManifestPath, string][] = []
  const add = (path: ManifestPath, text: string | undefined): void => {
    if (text !== undefined) found.push([path, text])
  }
  for (const [index, { when, waitMs }] of (manifest.errors?.rules ?? []).entries()) {
    add(['errors', 'rules', index, 'when', 'body'], when.body)
    add(['errors', 'rules', index, 'waitMs'], waitMs)
  }
  for (const key of ['limit', 'remaining', 'reset', 'restorePerSecond'] as const)
    add(['limits', 'body', key], manifest.limits.body?.[key])
  const paginations: [ManifestPath, unknown][] = entriesOf(manifest.pagination).map(([name, one]) => [
    ['pagination', name],
    one,
  ])
  for (const [name, { output, list }] of entriesOf(manifest.operations)) {
    add(['operations', name, 'output', 'from'], output?.from)
    add(['operations', name, 'list', 'each'], list?.each)
    if (typeof list?.pagination === 'object')
      paginations.push([['operations', name, 'list', 'pagination'], list.pagination])
  }
  for (const [path, one] of paginations as [ManifestPath, NonNullable<IntegrationManifest['pagination']>[string]][]) {
    if (one.kind !== 'export-job') continue
    add([...path, 'poll', 'done'], one.poll.done)
    add([...path, 'poll', 'failed'], one.poll.failed)
    add([...path, 'chunks'], one.chunks)
  }
  return found
}

/** Expressions compile. */
export const expressionCompiles: Rule = {
  code: 'expression',
  check(manifest, report) {
    for (const [path, text] of expressionPlaces(manifest)) {
      try {
        const [warning] = compileExpression(text).warnings
        if (warning !== undefined)
          report(path, `The expression does not mean what it says: ${warning.message}.`, 'Correct it.')
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error
        const { message, remedy } = error
        report(path, `The expression is broken: ${message.replace(`; ${remedy}`, '')}.`, `${sentence(remedy)}.`)
      }
    }
  },
}
