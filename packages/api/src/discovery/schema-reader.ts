import { type Findings, quoted } from './finding.ts'
import { type Fields, isFields, own, ownEntries, ownFlag, ownList, ownNumber, ownWords, textsOf } from './own.ts'
import type { Documents } from './reference/documents.ts'
import type { JsonType, ObjectFields, SchemaNode, Schemas, SchemaView } from './schema.ts'
import { impliedFormat, typesOf } from './schema-types.ts'
import type { DataDocument } from './source-document.ts'

const mostHops = 50
const mostParts = 200
const nothing: ReadonlyMap<string, SchemaNode> = new Map()
const none: ReadonlySet<string> = new Set()
const anything: Fields = Object.freeze({})
/** Keywords beside `$ref` that make it one part of a whole; others only describe the place. */
const structural = ['properties', 'allOf', 'oneOf', 'anyOf', 'required', 'additionalProperties']

export interface SchemaReaderOptions {
  readonly documents: Documents
  readonly root: DataDocument
  /** Where the named schemas stand. */
  readonly declared: unknown
  readonly findings: Findings
  /** True where keywords beside `$ref` count (JSON Schema 2020-12). */
  readonly siblings: boolean
}

/** Reads the schemas of OpenAPI and of all formats that are translated into its words, one level at a time. */
export class SchemaReader implements Schemas {
  readonly #options: SchemaReaderOptions
  readonly #reported = new Set<string>()

  constructor(options: SchemaReaderOptions) {
    this.#options = options
  }

  get names(): Iterable<string> {
    return isFields(this.#options.declared) ? Object.keys(this.#options.declared) : []
  }

  named(name: string): SchemaNode | undefined {
    const raw = own(this.#options.declared, name)
    return raw === undefined ? undefined : { raw, document: this.#options.root }
  }

  view(node: SchemaNode): SchemaView {
    return this.#view(node, 0)
  }

  fields(node: SchemaNode): ObjectFields | undefined {
    return this.#fields(node, new Set())
  }

  #view(node: SchemaNode, hops: number): SchemaView {
    const { raw } = node
    const reference = own(raw, '$ref')
    if (typeof reference !== 'string') return this.#plain(node)
    const target = this.#options.documents.resolve(reference, node.document as DataDocument)
    if (target.document === undefined || hops > mostHops) {
      this.#report('reference-unresolved', reference, target.reason ?? 'the reference leads back to itself')
      return this.#plain({ raw: anything, document: node.document })
    }
    const view = this.#view({ raw: target.value, document: target.document }, hops + 1)
    const named = target.name === undefined || target.name === view.name ? view : { ...view, name: target.name }
    return Object.keys(raw as object).length === 1 ? named : this.#beside(node, named)
  }

  /** What stands beside a reference. */
  #beside({ raw, document }: SchemaNode, target: SchemaView): SchemaView {
    if (this.#options.siblings && structural.some((word) => own(raw, word) !== undefined)) {
      const { $ref, ...rest } = raw as Fields
      const view = this.#plain({ raw: rest, document })
      return { ...view, identity: raw, allOf: [{ raw: { $ref }, document }, ...view.allOf] }
    }
    const fallback = own(raw, 'default')
    const nullable = ownFlag(raw, 'nullable') ?? ownFlag(raw, 'x-nullable')
    return {
      ...target,
      types:
        nullable === true && target.types.length > 0 ? [...new Set<JsonType>([...target.types, 'null'])] : target.types,
      description: ownWords(raw, 'description') ?? target.description,
      default: fallback === undefined ? target.default : { value: fallback },
      readOnly: ownFlag(raw, 'readOnly') ?? target.readOnly,
      writeOnly: ownFlag(raw, 'writeOnly') ?? target.writeOnly,
      deprecated: ownFlag(raw, 'deprecated') ?? target.deprecated,
    }
  }

  #plain({ raw, document }: SchemaNode): SchemaView {
    const fields = isFields(raw) ? raw : anything
    const { types, unknown } = typesOf(fields)
    if (unknown !== undefined) this.#report('type-unknown', unknown, 'there is no such type; any value is taken')
    const at = (value: unknown): SchemaNode => ({ raw: value, document })
    const list = (key: string): SchemaNode[] => {
      const nodes = ownList(fields, key).filter((one) => isFields(one) || typeof one === 'boolean')
      return nodes.length === 0 ? (empty as SchemaNode[]) : nodes.map(at)
    }
    const properties = own(fields, 'properties')
    const required = own(fields, 'required')
    const additional = own(fields, 'additionalProperties')
    const items = own(fields, 'items')
    const tuple = Array.isArray(items) ? items : own(fields, 'prefixItems')
    const values = own(fields, 'enum')
    return {
      identity: raw === false ? impossible : fields === anything ? anything : raw,
      types,
      title: ownWords(fields, 'title'),
      description: ownWords(fields, 'description'),
      format: ownWords(fields, 'format') ?? impliedFormat(fields),
      enum: Array.isArray(values) && values.length > 0 ? values : undefined,
      const: Object.hasOwn(fields, 'const') ? { value: fields.const } : undefined,
      default: Object.hasOwn(fields, 'default') ? { value: fields.default } : undefined,
      examples: examplesOf(fields),
      pattern: ownWords(fields, 'pattern'),
      minLength: ownNumber(fields, 'minLength'),
      maxLength: ownNumber(fields, 'maxLength'),
      ...bounds(fields),
      multipleOf: ownNumber(fields, 'multipleOf'),
      minItems: ownNumber(fields, 'minItems'),
      maxItems: ownNumber(fields, 'maxItems'),
      uniqueItems: ownFlag(fields, 'uniqueItems'),
      properties: isFields(properties)
        ? new Map(ownEntries(fields, 'properties').map(([name, one]) => [name, at(one)]))
        : nothing,
      required: Array.isArray(required) ? new Set(textsOf(required)) : none,
      additional: typeof additional === 'boolean' ? additional : isFields(additional) ? at(additional) : undefined,
      items: isFields(items) || typeof items === 'boolean' ? at(items) : undefined,
      prefixItems: Array.isArray(tuple) && tuple.length > 0 ? tuple.map(at) : undefined,
      allOf: list('allOf'),
      oneOf: list('oneOf'),
      anyOf: list('anyOf'),
      readOnly: ownFlag(fields, 'readOnly'),
      writeOnly: ownFlag(fields, 'writeOnly'),
      deprecated: ownFlag(fields, 'deprecated'),
    }
  }

  #fields(node: SchemaNode, seen: Set<unknown>): ObjectFields | undefined {
    const view = this.view(node)
    if (view.types.length > 0 && !view.types.includes('object')) return undefined
    if (seen.has(view.identity) || seen.size > mostParts) return { properties: nothing, required: none }
    if (view.allOf.length === 0) return view
    // For good, and not only on this way: a part that is met twice adds nothing, and a lattice of parts has very many ways.
    seen.add(view.identity)
    const properties = new Map<string, SchemaNode>()
    const required = new Set<string>()
    let { additional } = view
    for (const part of [...view.allOf.map((one) => this.#fields(one, seen)), view]) {
      for (const [name, property] of part?.properties ?? nothing) properties.set(name, property)
      for (const name of part?.required ?? none) required.add(name)
      additional ??= part?.additional
    }
    return { properties, required, additional }
  }

  #report(code: string, what: string, reason: string): void {
    if (this.#reported.has(`${code} ${what}`)) return
    this.#reported.add(`${code} ${what}`)
    this.#options.findings.add(code, '#', `${quoted(what)}: ${reason}.`)
  }
}

const empty: readonly SchemaNode[] = []
/** The identity of `false`, the schema that accepts nothing. */
export const impossible: unique symbol = Symbol('false')

/** Before 2020-12 the exclusive bounds were flags beside the others. */
function bounds(fields: Fields): Pick<SchemaView, 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum'> {
  const minimum = ownNumber(fields, 'minimum')
  const maximum = ownNumber(fields, 'maximum')
  const below = own(fields, 'exclusiveMinimum') === true
  const above = own(fields, 'exclusiveMaximum') === true
  return {
    minimum: below ? undefined : minimum,
    maximum: above ? undefined : maximum,
    exclusiveMinimum: below ? minimum : ownNumber(fields, 'exclusiveMinimum'),
    exclusiveMaximum: above ? maximum : ownNumber(fields, 'exclusiveMaximum'),
  }
}

function examplesOf(fields: Fields): readonly unknown[] {
  if (Object.hasOwn(fields, 'example')) return [fields.example]
  return Array.isArray(fields.examples)
    ? fields.examples
    : Object.hasOwn(fields, 'x-example')
      ? [fields['x-example']]
      : empty
}
