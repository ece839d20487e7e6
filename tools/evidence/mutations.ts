import type { DescriptionFacts, OperationFacts } from '../../packages/api/src/evidence/index.ts'
import type { IntegrationManifest } from '../../packages/api/src/manifest/index.ts'
import { answerFields, bodyFields, retyped } from './mutable-fields.ts'

type Manifest = IntegrationManifest
type Operation = Manifest['operations'][string]

/** One wrong fact, put into a copy of a manifest. */
export interface Mutation {
  readonly kind: string
  /** What is wrong now. */
  readonly what: string
  apply(manifest: Manifest): void
}

/** What an operation's source states about it; `client` sources state path and method alone. */
export interface Stated {
  readonly facts: DescriptionFacts | undefined
  readonly theirs: OperationFacts | undefined
  /** Methods that the source has for the path; empty where it tells none. One of them is no wrong fact. */
  readonly methods: readonly string[]
  /** It is a GraphQL schema: the operation's document is what it states. */
  readonly document: boolean
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Every mutation of an operation whose fact the source states, by kind. */
export function mutationsOf(
  manifest: Manifest,
  name: string,
  stated: Stated,
): ReadonlyMap<string, readonly Mutation[]> {
  const operation = manifest.operations[name] as Operation
  const found: Mutation[] = []
  const add = (kind: string, what: string, change: (operation: Operation, manifest: Manifest) => void): void => {
    found.push({ kind, what, apply: (copy) => change(copy.operations[name] as Operation, copy) })
  }
  if (stated.document) document(operation, add)
  else pathAndMethod(operation, stated, add)
  if (stated.theirs !== undefined && stated.facts !== undefined) {
    parameters(operation, stated.theirs, add)
    body(operation, stated.theirs, add)
    answer(manifest, operation, stated.theirs, add)
    security(manifest, stated.theirs, add)
  }
  return Map.groupBy(found, ({ kind }) => kind)
}

type Add = (kind: string, what: string, change: (operation: Operation, manifest: Manifest) => void) => void

/** Wrong names of fields and variables in a GraphQL document; `nodes` and `pageInfo` among them. */
function document(operation: Operation, add: Add): void {
  const text = operation.graphql ?? ''
  const names = [...text.slice(text.indexOf('{')).matchAll(/(?<![$\w"])[a-z]\w*(?![\w":])/g)]
  for (const { 0: name, index } of names) {
    const at = text.indexOf('{') + index
    add('document field', `${name} at ${at}`, (one) => {
      one.graphql = `${text.slice(0, at)}${name}X${text.slice(at + name.length)}`
    })
  }
  for (const [key, input] of Object.entries(operation.input ?? {}))
    add('variable renamed', `${input.as ?? key}`, (one) => change(one, key, { as: `${input.as ?? key}X` }))
}

function pathAndMethod(operation: Operation, stated: Stated, add: Add): void {
  const [method = '', target = ''] = operation.request.split(' ')
  const segments = target.split('/')
  for (const [index, segment] of segments.entries()) {
    if (segment === '' || segment.includes('{')) continue
    const put = (text: string | undefined): string =>
      segments.flatMap((one, at) => (at !== index ? [one] : text === undefined ? [] : [text])).join('/') || '/'
    const wrong = [`${segment}x`, segment.endsWith('s') ? segment.slice(0, -1) : `${segment}s`, undefined]
    for (const text of wrong)
      add('path segment', `${segment} -> ${text ?? 'nothing'}`, (one) => {
        one.request = `${method} ${put(text)}`
      })
  }
  if (stated.methods.length === 0) return
  for (const other of methods)
    if (!stated.methods.includes(other))
      add('method', `${method} -> ${other}`, (one) => {
        one.request = `${other} ${target}`
      })
}

function parameters(operation: Operation, theirs: OperationFacts, add: Add): void {
  for (const [key, input] of Object.entries(operation.input ?? {})) {
    const name = input.as ?? key
    if (input.in !== 'query' && input.in !== 'header') continue
    const parameter = theirs.parameters.find((one) => one.in === input.in && bare(one.name) === bare(name))
    if (parameter === undefined) continue
    add('parameter place', `${input.in} ${name} -> ${input.in === 'query' ? 'header' : 'query'}`, (one) => {
      change(one, key, { in: input.in === 'query' ? 'header' : 'query' })
    })
    if (input.in === 'header') add('header', `${name} -> ${name}-Id`, (one) => change(one, key, { as: `${name}-Id` }))
    if (parameter.required !== true || input.default !== undefined) continue
    add('required name', `${name} -> ${name}_x`, (one) => change(one, key, { as: `${name}_x` }))
    add('required dropped', `${input.in} ${name}`, (one) => {
      delete one.input?.[key]
    })
  }
}

const bare = (name: string): string => name.toLowerCase().replace(/\[\]$/, '')

function change(operation: Operation, key: string, by: Partial<NonNullable<Operation['input']>[string]>): void {
  const input = operation.input?.[key]
  if (input !== undefined && operation.input !== undefined) operation.input[key] = { ...input, ...by }
}

function body(operation: Operation, theirs: OperationFacts, add: Add): void {
  for (const { key, path, required, schema } of bodyFields(operation, theirs)) {
    add('body field renamed', `${path} -> ${path}X`, (one) => change(one, key, { as: `${path}X` }))
    add('parameter place', `body ${path} -> query`, (one) => change(one, key, { in: 'query' }))
    if (required)
      add('required dropped', `body ${path}`, (one) => {
        delete one.input?.[key]
      })
    const input = operation.input?.[key]
    const other = input === undefined ? undefined : retyped(input, schema)
    if (input !== undefined && other !== undefined)
      add('body field retyped', `${path}: ${String(input.type)} -> ${other}`, (one) => {
        const {
          enum: _values,
          const: _value,
          default: _default,
          properties: _fields,
          items: _items,
          $ref: _ref,
          format: _format,
          pattern: _pattern,
          ...rest
        } = input
        if (one.input !== undefined) one.input[key] = { ...rest, type: other }
      })
  }
}

function answer(manifest: Manifest, operation: Operation, theirs: OperationFacts, add: Add): void {
  for (const { path, to, put } of answerFields(manifest, operation, theirs))
    add('answer field retyped', `${path} -> ${to}`, (one, copy) => put(copy, one))
}

/** Only what the source lists for the operation can tell a wrong credential. */
function security(manifest: Manifest, theirs: OperationFacts, add: Add): void {
  if (theirs.security === undefined || theirs.security.some((names) => names.length === 0)) return
  const corrected = new Set(
    (manifest.corrections ?? []).filter(({ fact }) => fact === 'security').map(({ name }) => name),
  )
  if (corrected.has(undefined)) return
  for (const [index, credential] of manifest.credentials.entries()) {
    if (credential.scheme === 'none' || corrected.has(credential.id)) continue
    const put =
      (other: Partial<typeof credential> | object): ((operation: Operation, copy: Manifest) => void) =>
      (_, copy) => {
        copy.credentials[index] = { ...credential, ...other } as typeof credential
      }
    if (credential.scheme === 'api-key') {
      const { settle } = credential
      add(
        'auth place',
        `${settle.in} ${settle.name} -> ${settle.in === 'query' ? 'header' : 'query'}`,
        put({ settle: { ...settle, in: settle.in === 'query' ? 'header' : 'query' } }),
      )
      add('auth header', `${settle.name} -> X-${settle.name}`, put({ settle: { ...settle, name: `X-${settle.name}` } }))
    }
    add(
      'auth scheme',
      `${credential.scheme} -> other key`,
      put({ scheme: 'api-key', settle: { in: 'header', name: 'X-Other-Key' } }),
    )
  }
}
