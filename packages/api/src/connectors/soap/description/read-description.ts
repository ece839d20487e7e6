import { addComponent, addSchema, documentationOf, refused, SchemaContext } from '../schema/read-schema.ts'
import { SchemaSet } from '../schema/schema-set.ts'
import { namespaces } from '../xml/names.ts'
import type { XmlElement } from '../xml/xml-element.ts'
import type { SoapDescription } from './description-model.ts'
import type { ImportRule } from './import-rule.ts'
import { type Documents, inlineSchemas, targetOf } from './load-documents.ts'
import { Definitions } from './read-definitions.ts'
import { readPorts } from './read-ports.ts'

/** Makes one description of its documents. @throws Fault `config` for what names something that is not there */
export function readDescription(documents: Documents, rule: ImportRule): SoapDescription {
  const [root] = documents.values()
  if (root === undefined || !root.is(namespaces.wsdl, 'definitions')) throw refused('is an XML Schema and no WSDL')
  const schemas = new SchemaSet()
  const definitions = new Definitions()
  const assembly = new Assembly(documents, rule, schemas)
  for (const [location, document] of documents) {
    if (!document.is(namespaces.wsdl, 'definitions')) continue
    definitions.add(document)
    for (const schema of inlineSchemas(document)) assembly.add(schema, location)
  }
  // Schemas that only a wsdl:import names.
  for (const [location, document] of documents)
    if (document.is(namespaces.schema, 'schema') && !assembly.has(location)) assembly.add(document, location)
  return {
    name: root.attribute('name'),
    targetNamespace: root.attribute('targetNamespace') ?? '',
    documentation: documentationOf(root),
    ports: readPorts(definitions, schemas),
    schemas,
    documents: [...documents.keys()],
  }
}

/** Puts schemas together in the order in which they need one another. */
class Assembly {
  readonly #documents: Documents
  readonly #rule: ImportRule
  readonly #schemas: SchemaSet
  /** `location target`: a document without a namespace may belong to several. */
  readonly #done = new Set<string>()
  readonly #locations = new Set<string>()

  constructor(documents: Documents, rule: ImportRule, schemas: SchemaSet) {
    this.#documents = documents
    this.#rule = rule
    this.#schemas = schemas
  }

  has(location: string): boolean {
    return this.#locations.has(location)
  }

  add(schema: XmlElement, location: string, including?: string): void {
    const target = schema.attribute('targetNamespace') ?? including ?? ''
    for (const element of schema.elements) {
      if (element.uri !== namespaces.schema || !['import', 'include', 'redefine'].includes(element.local)) continue
      const other = targetOf(element, location, this.#rule)?.href
      const document = other === undefined ? undefined : this.#documents.get(other)
      if (other !== undefined && document?.is(namespaces.schema, 'schema') === true)
        this.#addOnce(document, other, element.local === 'import' ? undefined : target)
      if (element.local === 'redefine') this.#redefine(schema, element, target)
    }
    addSchema(this.#schemas, schema, new SchemaContext(schema, target))
  }

  #addOnce(schema: XmlElement, location: string, including: string | undefined): void {
    const key = `${location} ${schema.attribute('targetNamespace') ?? including ?? ''}`
    if (this.#done.has(key)) return
    this.#done.add(key)
    this.#locations.add(location)
    this.add(schema, location, including)
  }

  /** The new component may build upon the one that it replaces, under the same name. */
  #redefine(schema: XmlElement, redefine: XmlElement, target: string): void {
    for (const component of redefine.elements) {
      if (component.attribute('name') === undefined) continue
      const name = new SchemaContext(schema, target).own(component)
      const former = `${name}#redefined`
      for (const components of [this.#schemas.types, this.#schemas.groups, this.#schemas.attributeGroups]) {
        const original: unknown = components.get(name)
        if (original !== undefined) (components as Map<string, unknown>).set(former, original)
      }
      addComponent(this.#schemas, component, new SchemaContext(schema, target, new Map([[name, former]])), true)
    }
  }
}
