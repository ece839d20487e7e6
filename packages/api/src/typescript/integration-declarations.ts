import type { FieldSchema, NamedSchemas } from '../json-schema/field-schema.ts'
import { credentialFields } from '../manifest/credential-fields.ts'
import { isRequired, schemaOfInput } from '../manifest/lint/schema-places.ts'
import type { IntegrationManifest } from '../manifest/manifest.ts'
import { comment } from './comments.ts'
import { type ModuleNames, moduleNames } from './module-names.ts'
import { propertyName, quoted } from './type-literals.ts'
import { isInterface, SchemaTypes } from './types-of-schema.ts'

type Operation = IntegrationManifest['operations'][string]
type Credential = IntegrationManifest['credentials'][number]

/** The declarations of an integration's types, without what makes the value. */
export interface IntegrationDeclarations {
  readonly names: ModuleNames
  /** Exported interfaces and types. */
  readonly text: string
  /** Names that the text takes from elsewhere. */
  readonly uses: ReadonlySet<string>
}

const schemaNamed = (schema: string | FieldSchema | undefined): FieldSchema =>
  schema === undefined ? {} : typeof schema === 'string' ? { $ref: `#/schemas/${schema}` } : schema

/** Flat interfaces: nothing for the compiler to compute, so that a hundred integrations are checked as fast as they are read. */
export function integrationDeclarations(manifest: IntegrationManifest): IntegrationDeclarations {
  return new Declarations(manifest).write()
}

class Declarations {
  readonly #manifest: IntegrationManifest
  readonly #names: ModuleNames
  readonly #schemas: SchemaTypes
  readonly #uses = new Set<string>()
  readonly #blocks: string[] = []

  constructor(manifest: IntegrationManifest) {
    this.#manifest = manifest
    this.#names = moduleNames(manifest)
    this.#schemas = new SchemaTypes((manifest.schemas ?? {}) as NamedSchemas, this.#names.all)
  }

  write(): IntegrationDeclarations {
    this.#config()
    this.#credentials()
    this.#operations()
    const streams = this.#streams()
    const webhooks = this.#webhooks()
    const { names } = this
    this.#blocks.push(
      `/** What the compiler knows about ${quoted(this.#manifest.id)}. */
export interface ${names.types} {
  readonly config: ${names.config}
  readonly operations: ${names.operations}
  readonly streams: ${record(streams)}
  readonly webhooks: ${record(webhooks)}
  readonly credentials: ${record(this.#manifest.credentials.map(({ id }) => [id, names.credential(id)]))}
}
`,
    )
    const text = [...this.#blocks, this.#schemas.declarations()].filter((block) => block !== '').join('\n')
    if (this.#schemas.usesHttpBody) this.#uses.add('HttpBody')
    return { names, text, uses: this.#uses }
  }

  get names(): ModuleNames {
    return this.#names
  }

  #config(): void {
    const { deployments, apiVersions, config = {} } = this.#manifest
    const lines: string[] = []
    const choice = (name: string, values: readonly string[], required: boolean, text: string): void => {
      lines.push(
        `${comment([text], '  ')}  readonly ${name}${required ? '' : '?'}: ${[...values].map(quoted).join(' | ')}${required ? '' : ' | undefined'}\n`,
      )
    }
    const regions = [...new Set(deployments.flatMap((one) => Object.keys(one.regions ?? {})))]
    choice(
      'deployment',
      deployments.map(({ id }) => id),
      deployments.length > 1,
      'Where the product runs.',
    )
    const everywhere = deployments.every((one) => Object.keys(one.regions ?? {}).length > 1)
    if (regions.length > 0) choice('region', regions, everywhere, 'Region of the deployment.')
    if (apiVersions !== undefined)
      choice(
        'apiVersion',
        apiVersions.supported.map(({ version }) => version),
        false,
        `Version of the vendor's API. Default ${apiVersions.default}.`,
      )
    for (const [name, field] of Object.entries(config)) {
      const required =
        field.default === undefined &&
        deployments.every((one) => mentions(one, name) || !deployments.some((other) => mentions(other, name)))
      lines.push(this.#property(name, field, required))
    }
    this.#blocks.push(
      `/** Configuration of a connection to ${proseOf(this.#manifest.product)}. */\nexport interface ${this.#names.config} {\n${lines.join('')}}\n`,
    )
  }

  #property(name: string, schema: FieldSchema, required: boolean): string {
    const { title, description, 'x-help': help, deprecated } = schema
    const type = this.#schemas.type(schema, 'input', '  ')
    const head = comment([title, description === title ? undefined : description, help], '  ', deprecated === true)
    return `${head}  readonly ${propertyName(name)}${required ? '' : '?'}: ${type}${required ? '' : ' | undefined'}\n`
  }

  #credentials(): void {
    for (const credential of this.#manifest.credentials) {
      const lines = credentialFields(credential, this.#manifest).map((field) => {
        const type = this.#fieldType(credential, field.name, field.secret)
        const head = comment([field.title, field.help], '  ')
        return `${head}  readonly ${propertyName(field.name)}${field.required ? '' : '?'}: ${type}${field.required ? '' : ' | undefined'}\n`
      })
      const { id, scheme, title, help } = credential
      const head = comment([`${title ?? id} (${scheme}).`, help?.text, help?.link])
      const name = this.#names.credential(id)
      this.#blocks.push(
        lines.length === 0
          ? `${head}export type ${name} = Readonly<Record<string, never>>\n`
          : `${head}export interface ${name} {\n${lines.join('')}}\n`,
      )
    }
  }

  #fieldType({ scheme }: Credential, name: string, secret: boolean): string {
    const use = (type: string): string => {
      this.#uses.add(type)
      return type
    }
    if (scheme === 'signer' || scheme === 'session') return secret ? use('MaybeSecret') : 'string'
    if (name === 'scope' || name === 'ca') return 'string | readonly string[]'
    if (name === 'expiresAt') return 'number'
    if (name === 'keys') return `() => Promise<${use('AwsKeys')}>`
    if (name === 'subjectToken' || name === 'actorToken') return use('TokenSupply')
    if (name === 'privateKey' || (name === 'key' && (scheme === 'oauth2-jwt-bearer' || scheme.startsWith('oauth2-'))))
      return use('PrivateKeyInput')
    if (name === 'key' && scheme === 'http-message-signature')
      return `${use('PrivateKeyInput')} | ${use('MaybeSecret')}`
    return secret ? use('MaybeSecret') : 'string'
  }

  #operations(): void {
    const lines: string[] = []
    for (const [name, one] of Object.entries(this.#manifest.operations)) {
      const input = this.#inputOf(name, one)
      const risk = one.risk === undefined || one.risk === 'normal' ? '' : `, ${quoted(one.risk)}`
      const type = one.list === undefined ? 'Declared' : 'DeclaredList'
      this.#uses.add(type)
      const head = comment([one.summary, one.request, one.note], '  ', one.deprecated === true)
      lines.push(`${head}  readonly ${propertyName(name)}: ${type}<${input}, ${this.#outputOf(name, one)}${risk}>\n`)
    }
    this.#blocks.push(
      `/** The operations of ${proseOf(this.#manifest.product)}. */\nexport interface ${this.#names.operations} {\n${lines.join('')}}\n`,
    )
  }

  #inputOf(operation: string, { input }: Operation): string {
    const all = Object.entries(input ?? {})
    if (all.length === 0) return 'Readonly<Record<string, never>>'
    const name = this.#names.input(operation)
    const lines = all.map(([key, one]) => this.#property(key, schemaOfInput(one), isRequired(one)))
    this.#blocks.push(`/** Input of ${quoted(operation)}. */\nexport interface ${name} {\n${lines.join('')}}\n`)
    return name
  }

  #outputOf(operation: string, { output, list }: Operation): string {
    if (list !== undefined) return this.#answer(operation, list.schema as string | FieldSchema)
    const value = this.#valueOf(operation, output)
    const headers = Object.keys(output?.headers ?? {})
    if (headers.length === 0) return value
    return `{ readonly value: ${value}; readonly headers: { ${headers.map((name) => `readonly ${propertyName(name)}?: string | undefined`).join('; ')} } }`
  }

  #valueOf(operation: string, output: Operation['output']): string {
    switch (output?.as) {
      case 'nothing':
        return 'undefined'
      case 'text':
        return 'string'
      case 'bytes':
        return 'Uint8Array'
      case 'stream':
        return 'AsyncIterable<Uint8Array>'
      default:
        return this.#answer(operation, output?.schema as string | FieldSchema | undefined)
    }
  }

  /** A name of its own for objects that are written in place: messages of the compiler stay short. */
  #answer(operation: string, schema: string | FieldSchema | undefined): string {
    const named = schemaNamed(schema)
    const type = this.#schemas.type(named, 'output')
    if (named === undefined || !type.startsWith('{')) return type
    const name = this.#names.output(operation)
    const declared = isInterface(named) ? `interface ${name} ${type}` : `type ${name} = ${type}`
    this.#blocks.push(`/** Result of ${quoted(operation)}. */\nexport ${declared}\n`)
    return name
  }

  /** What streams take and give: the inputs of their lists that are left to users, and the lists' records. */
  #streams(): [string, string][] {
    return Object.entries(this.#manifest.streams ?? {}).map(([name, { operation, input = {}, cursor }]) => {
      const { list, input: inputs = {} } = this.#manifest.operations[operation] ?? {}
      const settled = [...Object.keys(input), ...(cursor.kind === 'time' ? [cursor.input] : [])]
      const free = Object.keys(inputs).filter((key) => !settled.includes(key))
      const left = settled.filter((key) => Object.hasOwn(inputs, key)).map(quoted)
      const own = this.#names.input(operation)
      const given =
        free.length === 0 ? 'Record<never, never>' : left.length === 0 ? own : `Omit<${own}, ${left.join(' | ')}>`
      const type =
        list === undefined ? 'unknown' : this.#schemas.type(schemaNamed(list.schema as string | FieldSchema), 'output')
      const record = type.startsWith('{') ? this.#names.output(operation) : type
      return [name, `{ readonly input: ${given}; readonly record: ${record} }`]
    })
  }

  #webhooks(): [string, string][] {
    return Object.entries(this.#manifest.webhooks ?? {}).map(([name, { events }]) => {
      const lines = Object.entries(events).map(([type, { summary, schema }]) => {
        const text = this.#schemas.type(schemaNamed(schema as string | FieldSchema | undefined), 'output', '  ')
        return `${comment([summary], '  ')}  readonly ${propertyName(type)}: ${text}\n`
      })
      const own = this.#names.events(name)
      this.#blocks.push(
        `/** Events of the webhook ${quoted(name)} by type. */\nexport interface ${own} {\n${lines.join('')}}\n`,
      )
      return [name, own]
    })
  }
}

const proseOf = (text: string): string => text.replaceAll(/[^\p{L}\p{N} .,'()+-]/gu, ' ')

const record = (entries: readonly (readonly [string, string])[]): string =>
  entries.length === 0
    ? 'Record<never, never>'
    : `{\n${entries.map(([name, type]) => `    readonly ${propertyName(name)}: ${type}\n`).join('')}  }`

const mentions = (deployment: IntegrationManifest['deployments'][number], name: string): boolean =>
  [
    deployment.url,
    ...Object.values(deployment.regions ?? {}),
    ...Object.values(deployment.origins ?? {}),
    ...(deployment.redirectTo ?? []),
  ].some((template) => template?.includes(`{${name}}`) === true)
