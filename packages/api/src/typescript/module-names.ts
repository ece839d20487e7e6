import type { IntegrationManifest } from '../manifest/manifest.ts'

/** Words that cannot be the name of a constant in a module. */
const reserved = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for ' +
    'function if implements import in instanceof interface let new null package private protected public return static super switch ' +
    'this throw true try typeof undefined var void while with yield integration'
  ).split(' '),
)

const pascal = (text: string): string =>
  text
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')

/** The exported value of an integration: the camelCase id. */
export function valueNameOf(id: string): string {
  const name = pascal(id)
  const camel = name.charAt(0).toLowerCase() + name.slice(1)
  return reserved.has(camel) ? `${camel}Integration` : camel
}

/** Names that a generated module declares or imports; schemas of the manifest keep out of their way. */
export interface ModuleNames {
  readonly value: string
  readonly config: string
  readonly types: string
  readonly operations: string
  input(operation: string): string
  output(operation: string): string
  events(webhook: string): string
  credential(id: string): string
  readonly all: readonly string[]
}

export const importedNames = [
  'AwsKeys',
  'Declared',
  'DeclaredList',
  'HttpBody',
  'Integration',
  'IntegrationManifest',
  'MaybeSecret',
  'PrivateKeyInput',
  'TokenSupply',
  'integration',
] as const

export function moduleNames(manifest: IntegrationManifest): ModuleNames {
  const prefix = pascal(manifest.id)
  const taken = new Set<string>(importedNames)
  const given = new Map<string, string>()
  const name = (key: string, wanted: string): string => {
    const known = given.get(key)
    if (known !== undefined) return known
    let free = wanted
    while (taken.has(free)) free += '_'
    taken.add(free)
    given.set(key, free)
    return free
  }
  const [value, config, types, operations] = [
    name('value', valueNameOf(manifest.id)),
    name('config', `${prefix}Config`),
    name('types', `${prefix}Types`),
    name('operations', `${prefix}Operations`),
  ]
  const input = (operation: string): string => name(`input ${operation}`, `${pascal(operation)}Given`)
  const output = (operation: string): string => name(`output ${operation}`, `${pascal(operation)}Result`)
  const events = (webhook: string): string => name(`events ${webhook}`, `${prefix}${pascal(webhook)}Events`)
  const credential = (id: string): string => name(`credential ${id}`, `${prefix}${pascal(id)}Credential`)
  for (const one of Object.keys(manifest.operations)) {
    input(one)
    output(one)
  }
  for (const one of Object.keys(manifest.webhooks ?? {})) events(one)
  for (const { id } of manifest.credentials) credential(id)
  return { value, config, types, operations, input, output, events, credential, all: [...taken] }
}
