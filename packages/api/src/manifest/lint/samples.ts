import { compileSchema } from '../../json-schema/compile-schema.ts'
import type { FieldSchema } from '../../json-schema/field-schema.ts'
import type { ManifestPath } from '../issue.ts'
import type { IntegrationManifest } from '../manifest.ts'
import { entriesOf, type ManifestOperation, type Report, type Rule } from './rule.ts'
import { isRequired, schemaOfInput, schemaPlaces } from './schema-places.ts'

/** Reports what does not fit; schemas that do not compile are told elsewhere. */
function mustFit(
  schema: FieldSchema,
  value: unknown,
  path: ManifestPath,
  manifest: IntegrationManifest,
  report: Report,
  mode: 'strict' | 'tolerant' = 'strict',
): void {
  let verdict: ReturnType<ReturnType<typeof compileSchema>>
  try {
    verdict = compileSchema(schema, manifest.schemas ?? {}, mode)(value)
  } catch {
    return
  }
  if ('value' in verdict) return
  const { path: inside = '', message = '' } = verdict.issues[0] ?? {}
  report(
    path,
    `The value does not fit its schema: ${`${inside} ${message}`.trim()}.`,
    'Change the value, or the schema.',
  )
}

function inputs(
  operation: ManifestOperation,
  given: Readonly<Record<string, unknown>>,
  path: ManifestPath,
  manifest: IntegrationManifest,
  report: Report,
): void {
  for (const [name, value] of entriesOf(given)) {
    const input = Object.hasOwn(operation.input ?? {}, name) ? operation.input?.[name] : undefined
    if (input !== undefined && input.format !== 'binary')
      mustFit(schemaOfInput(input), value, [...path, name], manifest, report)
  }
}

const missingOf = (operation: ManifestOperation, given: Readonly<Record<string, unknown>>): string[] =>
  entriesOf(operation.input)
    .filter(([name, input]) => isRequired(input) && !Object.hasOwn(given, name))
    .map(([name]) => name)

const operationOf = (manifest: IntegrationManifest, name: string): ManifestOperation | undefined =>
  Object.hasOwn(manifest.operations, name) ? manifest.operations[name] : undefined

/** Test connection is a read that needs nothing from the user. */
export const checkFits: Rule = {
  code: 'check-fits',
  check(manifest, report) {
    if (manifest.check === undefined) {
      const read = entriesOf(manifest.operations).find(([, { effect }]) => effect === 'read')
      if (read !== undefined)
        report([], 'Nothing proves address and credential.', `Add check: { operation: ${read[0]} }.`)
      return
    }
    const { operation, input = {} } = manifest.check
    const target = operationOf(manifest, operation)
    if (target === undefined) return
    if (target.effect !== 'read')
      report(['check', 'operation'], `"${operation}" is no read.`, 'Name the cheapest read that needs a credential.')
    const missing = missingOf(target, input)
    if (missing.length > 0)
      report(
        ['check', 'operation'],
        `"${operation}" needs ${missing.join(', ')}.`,
        'Give it in check.input, or name another read.',
      )
    inputs(target, input, ['check', 'input'], manifest, report)
  },
}

/** What tests, streams and examples give is what the schemas take. */
export const samplesFit: Rule = {
  code: 'sample-fits',
  check(manifest, report) {
    for (const [name, samples] of entriesOf(manifest.tests?.inputs)) {
      const target = operationOf(manifest, name)
      if (target === undefined) continue
      for (const [index, sample] of samples.entries()) {
        const path = ['tests', 'inputs', name, index]
        const missing = missingOf(target, sample)
        if (missing.length > 0)
          report(path, `${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing.`, 'Add it: it is required.')
        inputs(target, sample, path, manifest, report)
      }
    }
    for (const [name, { operation, input = {} }] of entriesOf(manifest.streams)) {
      const target = operationOf(manifest, operation)
      if (target !== undefined) inputs(target, input, ['streams', name, 'input'], manifest, report)
    }
    for (const [name] of entriesOf(manifest.tests?.records))
      if (operationOf(manifest, name) !== undefined && operationOf(manifest, name)?.list === undefined)
        report(['tests', 'records', name], `"${name}" is no list.`, 'Remove it.')
    for (const [path, schema] of schemaPlaces(manifest))
      for (const [index, example] of (schema.examples ?? []).entries())
        mustFit(schema, example, [...path, 'examples', index], manifest, report, 'tolerant')
  },
}
