import type { IntegrationManifest } from '../manifest/manifest.ts'
import { comment } from './comments.ts'
import { type IntegrationDeclarations, integrationDeclarations } from './integration-declarations.ts'
import { quoted } from './type-literals.ts'

/** From where a generated module takes its types. */
const sources: Readonly<Record<string, readonly string[]>> = {
  '@patchbay/api/declarative': ['Declared', 'DeclaredList', 'Integration'],
  '@patchbay/core': ['HttpBody', 'MaybeSecret'],
  '@patchbay/core/credentials': ['AwsKeys', 'PrivateKeyInput', 'TokenSupply'],
}

const notice = '// Made from a manifest by Patchbay. Changes go there.\n'

function typeImports(uses: ReadonlySet<string>): string {
  return Object.entries(sources)
    .map(([source, names]) => [source, names.filter((name) => uses.has(name))] as const)
    .filter(([, names]) => names.length > 0)
    .map(([source, names]) => `import type { ${names.join(', ')} } from '${source}'\n`)
    .join('')
}

/** A manifest without what only editors read, as the argument of JSON.parse: faster to load than an object literal. */
const dataOf = ({ $schema: _, ...manifest }: IntegrationManifest): string =>
  `/* @__PURE__ */ JSON.parse(${quoted(JSON.stringify(manifest))})`

const headOf = ({ product, summary }: IntegrationManifest): string => comment([`${product}: ${summary}`])

const withIntegration = ({ uses }: IntegrationDeclarations): ReadonlySet<string> => new Set([...uses, 'Integration'])

/**
 * One TypeScript module of a manifest, with the manifest in it: typed operations, lists, streams, webhooks, credentials and configuration.
 * It exports the integration under its camelCase id, and every type by name.
 */
export function typescriptModule(manifest: IntegrationManifest): string {
  const declarations = integrationDeclarations(manifest)
  const { names, text } = declarations
  return `${notice}${typeImports(withIntegration(declarations))}import { integration } from '@patchbay/api/declarative'

${text}
${headOf(manifest)}export const ${names.value}: Integration<${names.types}> = /* @__PURE__ */ integration<${names.types}>(${dataOf(manifest)})
`
}

export interface JavaScriptModule {
  /** ECMAScript module. */
  readonly code: string
  /** Its declarations. */
  readonly types: string
}

/** The same module as JavaScript and declarations, for packages that ship many of them. */
export function javascriptModule(manifest: IntegrationManifest): JavaScriptModule {
  const declarations = integrationDeclarations(manifest)
  const { names, text } = declarations
  return {
    code: `${notice}import { integration } from '@patchbay/api/declarative'

export const ${names.value} = /* @__PURE__ */ integration(${dataOf(manifest)})
`,
    types: `${notice}${typeImports(withIntegration(declarations))}
${text}
${headOf(manifest)}export declare const ${names.value}: Integration<${names.types}>
`,
  }
}
