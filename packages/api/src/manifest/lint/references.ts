import type { FieldSchema } from '../../json-schema/field-schema.ts'
import { subschemas } from '../../json-schema/schema-issues.ts'
import type { ManifestPath } from '../issue.ts'
import type { IntegrationManifest } from '../manifest.ts'
import { meant } from '../reading/nearest.ts'
import { bracesOf, entriesOf, type Rule } from './rule.ts'
import { schemaPlaces } from './schema-places.ts'

/** One name in a manifest that stands for something declared elsewhere in it. */
export interface Reference {
  readonly path: ManifestPath
  readonly name: string
  readonly to: Target
  /** Of these, where not all of the target count. */
  readonly among?: readonly string[]
}

export type Target =
  | 'operations'
  | 'schemas'
  | 'XML schemas'
  | 'XML elements'
  | 'pagination'
  | 'signers'
  | 'sources'
  | 'origins'
  | 'config fields'
  | 'budgets'
  | 'regions'
  | 'inputs'
  | 'scopes'
  | 'fields'

type Add = (path: ManifestPath, name: string | undefined, to: Target, among?: readonly string[]) => void

/** What there is, by target; `inputs` and the like depend on the place and bring their own names. */
export function declared(manifest: IntegrationManifest): Readonly<Record<Target, readonly string[]>> {
  const { deployments, credentials } = manifest
  return {
    operations: Object.keys(manifest.operations),
    schemas: Object.keys(manifest.schemas ?? {}),
    'XML schemas': Object.keys(manifest.xml ?? {}),
    pagination: Object.keys(manifest.pagination ?? {}),
    signers: Object.keys(manifest.signers ?? {}),
    sources: manifest.sources.map(({ id }) => id),
    origins: deployments.flatMap(({ origins }) => Object.keys(origins ?? {})),
    'config fields': Object.keys(manifest.config ?? {}),
    budgets: (manifest.limits.budgets ?? []).map(({ id }) => id),
    regions: deployments.flatMap(({ regions }) => Object.keys(regions ?? {})),
    scopes: credentials.flatMap(({ scopes }) => Object.keys(scopes ?? {})),
    inputs: [],
    'XML elements': [],
    fields: [],
  }
}

/** Every reference in a manifest. */
export function referencesOf(manifest: IntegrationManifest): Reference[] {
  const found: Reference[] = []
  const add: Add = (path, name, to, among) => {
    if (name !== undefined) found.push({ path, name, to, ...(among === undefined ? {} : { among }) })
  }
  fromPlaces(manifest, add)
  fromCredentials(manifest, add)
  fromOperations(manifest, add)
  fromEvents(manifest, add)
  fromTests(manifest, add)
  for (const [path, schema] of schemaPlaces(manifest)) fromSchema(path, schema, add)
  return found
}

const inputsOf = (manifest: IntegrationManifest, operation: string): string[] =>
  Object.keys((Object.hasOwn(manifest.operations, operation) ? manifest.operations[operation]?.input : undefined) ?? {})

/** Deployments, transport, limits, forms: what refers to the configuration. */
function fromPlaces(manifest: IntegrationManifest, add: Add): void {
  const template = (path: ManifestPath, text: string | undefined): void => {
    for (const name of bracesOf(text ?? '')) add(path, name, 'config fields')
  }
  for (const [index, { url, regions, origins, redirectTo }] of manifest.deployments.entries()) {
    const at = ['deployments', index] as const
    template([...at, 'url'], url)
    for (const [name, text] of entriesOf(regions)) template([...at, 'regions', name], text)
    for (const [name, text] of entriesOf(origins)) template([...at, 'origins', name], text)
    for (const [place, text] of (redirectTo ?? []).entries()) template([...at, 'redirectTo', place], text)
  }
  for (const part of ['headers', 'query'] as const)
    for (const [name, slot] of entriesOf(manifest.transport?.[part]))
      if (typeof slot === 'object') add(['transport', part, name, 'config'], slot.config, 'config fields')
  for (const [index, { operations }] of (manifest.limits.budgets ?? []).entries())
    for (const [place, name] of (operations ?? []).entries())
      add(['limits', 'budgets', index, 'operations', place], name, 'operations')
  for (const [index, { budget }] of (manifest.limits.headers ?? []).entries())
    add(['limits', 'headers', index, 'budget'], budget, 'budgets')
  const inForms = [
    ...Object.keys(manifest.config ?? {}),
    ...manifest.credentials.flatMap(({ fields }) => Object.keys(fields ?? {})),
  ]
  for (const [index, { fields }] of (manifest.ui?.groups ?? []).entries())
    for (const [place, name] of fields.entries()) add(['ui', 'groups', index, 'fields', place], name, 'fields', inForms)
  for (const [name, { field }] of entriesOf(manifest.ui?.visible)) {
    add(['ui', 'visible', name], name, 'fields', inForms)
    add(['ui', 'visible', name, 'field'], field, 'fields', inForms)
  }
  for (const name of Object.keys(manifest.governance?.residency ?? {}))
    add(['governance', 'residency', name], name, 'regions')
}

function fromCredentials(manifest: IntegrationManifest, add: Add): void {
  for (const [index, credential] of manifest.credentials.entries()) {
    const at = ['credentials', index] as const
    add([...at, 'check'], credential.check, 'operations')
    add([...at, 'revoke'], credential.revoke, 'operations')
    if (!('settle' in credential)) continue
    const { settle } = credential
    if ('signer' in settle) add([...at, 'settle', 'signer'], settle.signer, 'signers')
    const texts = settle as Readonly<Record<string, unknown>>
    for (const key of ['tokenEndpoint', 'authorizationEndpoint', 'region', 'audience', 'issuer', 'resource'] as const)
      for (const name of bracesOf(String(texts[key] ?? ''))) add([...at, 'settle', key], name, 'config fields')
    for (const key of ['parameters', 'authorizationParameters'] as const)
      for (const [parameter, text] of entriesOf(texts[key] as Readonly<Record<string, string>> | undefined))
        for (const name of bracesOf(text)) add([...at, 'settle', key, parameter], name, 'config fields')
  }
}

function fromOperations(manifest: IntegrationManifest, add: Add): void {
  const asksScopes = manifest.credentials.some(({ scopes }) => scopes !== undefined)
  const ids = manifest.sources.map(({ id }) => id)
  for (const [name, one] of entriesOf(manifest.operations)) {
    const at = ['operations', name] as const
    const inputs = Object.keys(one.input ?? {})
    add([...at, 'origin'], one.origin, 'origins')
    add([...at, 'reversedBy'], one.reversedBy, 'operations')
    add([...at, 'dryRun'], one.dryRun, 'inputs', inputs)
    if (one.source?.includes('#') === true) add([...at, 'source'], one.source.split('#')[0], 'sources', ids)
    if (typeof one.output?.schema === 'string') add([...at, 'output', 'schema'], one.output.schema, 'schemas')
    if (typeof one.output?.wire === 'string') add([...at, 'output', 'wire'], one.output.wire, 'schemas')
    fromSoap(manifest, name, one, add)
    if (asksScopes)
      for (const [index, scope] of (one.scopes ?? []).entries()) add([...at, 'scopes', index], scope, 'scopes')
    if (one.list === undefined) continue
    if (typeof one.list.schema === 'string') add([...at, 'list', 'schema'], one.list.schema, 'schemas')
    if (typeof one.list.wire === 'string') add([...at, 'list', 'wire'], one.list.wire, 'schemas')
    const { pagination } = one.list
    if (typeof pagination === 'string') add([...at, 'list', 'pagination'], pagination, 'pagination')
    else if (pagination.kind === 'scroll') add([...at, 'list', 'pagination', 'clear'], pagination.clear, 'operations')
    else if (pagination.kind === 'time-window')
      add([...at, 'list', 'pagination', 'start'], pagination.start, 'inputs', inputs)
  }
  for (const [name, one] of entriesOf(manifest.pagination))
    if (one.kind === 'scroll') add(['pagination', name, 'clear'], one.clear, 'operations')
  for (const [name, { operation, input, cursor }] of entriesOf(manifest.streams)) {
    const inputs = inputsOf(manifest, operation)
    add(['streams', name, 'operation'], operation, 'operations')
    for (const key of Object.keys(input ?? {})) add(['streams', name, 'input', key], key, 'inputs', inputs)
    if (cursor.kind === 'time') add(['streams', name, 'cursor', 'input'], cursor.input, 'inputs', inputs)
  }
}

function fromSoap(
  { xml = {} }: IntegrationManifest,
  name: string,
  { soap, input }: IntegrationManifest['operations'][string],
  add: Add,
): void {
  if (soap === undefined) return
  const at = ['operations', name, 'soap'] as const
  add([...at, 'schemas'], soap.schemas, 'XML schemas')
  if (!Object.hasOwn(xml, soap.schemas)) return
  const elements = Object.keys(xml[soap.schemas]?.elements ?? {})
  add([...at, 'input'], soap.input, 'XML elements', elements)
  add([...at, 'output'], soap.output, 'XML elements', elements)
  for (const [index, fault] of (soap.faults ?? []).entries())
    add([...at, 'faults', index], fault, 'XML elements', elements)
  for (const [key, one] of entriesOf(input))
    if (one.in === 'soap-header') add(['operations', name, 'input', key, 'as'], one.as ?? key, 'XML elements', elements)
}

function fromEvents(manifest: IntegrationManifest, add: Add): void {
  for (const [name, { events, register }] of entriesOf(manifest.webhooks)) {
    add(['webhooks', name, 'register', 'create'], register?.create, 'operations')
    add(['webhooks', name, 'register', 'delete'], register?.delete, 'operations')
    for (const [type, { schema }] of entriesOf(events))
      if (typeof schema === 'string') add(['webhooks', name, 'events', type, 'schema'], schema, 'schemas')
  }
  for (const [name, { from }] of entriesOf(manifest.mappings)) add(['mappings', name, 'from'], from, 'operations')
}

function fromTests(manifest: IntegrationManifest, add: Add): void {
  const { check, tests } = manifest
  add(['check', 'operation'], check?.operation, 'operations')
  for (const key of Object.keys(check?.input ?? {}))
    add(['check', 'input', key], key, 'inputs', inputsOf(manifest, check?.operation ?? ''))
  for (const [name, samples] of entriesOf(tests?.inputs)) {
    add(['tests', 'inputs', name], name, 'operations')
    for (const [index, sample] of samples.entries())
      for (const key of Object.keys(sample))
        add(['tests', 'inputs', name, index, key], key, 'inputs', inputsOf(manifest, name))
  }
  for (const name of Object.keys(tests?.records ?? {})) add(['tests', 'records', name], name, 'operations')
  for (const [index, { operation }] of (manifest.corrections ?? []).entries())
    add(['corrections', index, 'operation'], operation, 'operations')
  for (const [index, { operations }] of (manifest.breaking ?? []).entries())
    for (const [place, name] of (operations ?? []).entries())
      add(['breaking', index, 'operations', place], name, 'operations')
}

function fromSchema(path: ManifestPath, schema: FieldSchema, add: Add): void {
  if (schema.$ref !== undefined) add([...path, '$ref'], schema.$ref.replace('#/schemas/', ''), 'schemas')
  for (const [keys, part] of subschemas(schema)) fromSchema([...path, ...keys], part, add)
}

/** Every name leads to something. */
export const unknownReference: Rule = {
  code: 'unknown-reference',
  check(manifest, report) {
    const there = declared(manifest)
    // Inputs of an operation that there is not would be told for each of them.
    const lost = new Set<string>()
    for (const { path, name, to, among } of referencesOf(manifest)) {
      const names = among ?? there[to]
      if (names.includes(name)) continue
      const owner = JSON.stringify(path.slice(0, 2))
      if (to === 'operations') lost.add(owner)
      if (to === 'inputs' && (lost.has(owner) || lost.has(JSON.stringify(path.slice(0, 3))))) continue
      report(path, `"${name}" is none of the ${to} that there are.`, meant(name, names, to))
    }
  },
}
