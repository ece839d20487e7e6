import { Fault, type Issue } from '@patchbay/core'
import { compileSchema } from './compile-schema.ts'
import { type FieldSchema, type NamedSchemas, typesOf } from './field-schema.ts'
import { safePattern } from './pattern.ts'
import { refuseCircle } from './references.ts'
import { deepestSchema } from './schema-compiler.ts'

/** What no value can satisfy or no run would get to the end of, found without a value: for authors of manifests. Paths are dotted. */
export function schemaIssues(schema: FieldSchema, named: NamedSchemas, path = ''): readonly Issue[] {
  const issues: Issue[] = []
  visit(schema, named, path, issues, 0)
  return issues
}

function visit(schema: FieldSchema, named: NamedSchemas, path: string, issues: Issue[], depth: number): void {
  if (depth > deepestSchema) {
    issues.push({ path, message: `is nested more than ${deepestSchema} levels deep` })
    return
  }
  const at = (...keys: (string | number)[]): string => [...(path === '' ? [] : [path]), ...keys].join('.')
  const collect = (task: () => void): void => {
    try {
      task()
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      for (const issue of error.facts.issues ?? []) issues.push({ path: at(issue.path), message: issue.message })
    }
  }
  const { $ref, pattern } = schema
  if ($ref !== undefined) collect(() => refuseCircle($ref, named))
  if (pattern !== undefined) collect(() => safePattern(pattern))
  for (const [low, high] of bounds)
    if (isAbove(schema[low], schema[high])) issues.push({ path: at(low), message: `is above ${high}; swap them` })
  if (schema.enum?.length === 0) issues.push({ path: at('enum'), message: 'is empty; list at least one value' })
  if (typesOf(schema)?.length === 0) issues.push({ path: at('type'), message: 'is empty; name at least one type' })
  const before = issues.length
  for (const [keys, part] of subschemas(schema)) visit(part, named, at(...keys), issues, depth + 1)
  if (issues.length > before) return
  const { default: fallback, ...rest } = schema
  if (fallback !== undefined) collect(() => checkDefault(rest, named, fallback))
}

function checkDefault(schema: FieldSchema, named: NamedSchemas, value: unknown): void {
  const verdict = compileSchema(schema, named, 'strict')(value)
  if ('value' in verdict) return
  const issues = verdict.issues.map(({ path, message }) => ({
    path: path === '' ? 'default' : `default.${path}`,
    message: `does not fit its own schema: ${message}`,
  }))
  throw new Fault({ kind: 'config', issues })
}

const bounds = [
  ['minLength', 'maxLength'],
  ['minItems', 'maxItems'],
  ['minimum', 'maximum'],
] as const

function isAbove(low: number | undefined, high: number | undefined): boolean {
  return low !== undefined && high !== undefined && low > high
}

/** Every schema directly inside of one, with its place. */
export function subschemas(schema: FieldSchema): readonly (readonly [readonly (string | number)[], FieldSchema])[] {
  const { properties = {}, additionalProperties: extra, items } = schema
  const lists = (['prefixItems', 'oneOf', 'anyOf', 'allOf'] as const).flatMap((keyword) =>
    (schema[keyword] ?? []).map((part, index) => [[keyword, index], part] as const),
  )
  return [
    ...Object.entries(properties).map(([name, part]) => [['properties', name], part] as const),
    ...(typeof extra === 'object' ? [[['additionalProperties'], extra] as const] : []),
    ...(typeof items === 'object' ? [[['items'], items] as const] : []),
    ...lists,
  ]
}
