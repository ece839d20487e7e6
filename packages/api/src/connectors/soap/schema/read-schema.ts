import { Fault } from '@patchbay/core'
import { type ExpandedName, expandedName, namespaces } from '../xml/names.ts'
import type { XmlElement } from '../xml/xml-element.ts'
import { readAttributes } from './read-attributes.ts'
import { readParticle } from './read-particles.ts'
import { readSimpleType } from './read-simple-type.ts'
import { readComplexType } from './read-types.ts'
import type { ElementDeclaration, TypeReference } from './schema-model.ts'
import { anyType, type SchemaSet } from './schema-set.ts'

/** What names mean inside one schema document. */
export class SchemaContext {
  readonly target: string
  /** A schema without a namespace that was included into one that has it: unprefixed names belong to that namespace. */
  readonly chameleon: boolean
  readonly qualifiedElements: boolean
  readonly qualifiedAttributes: boolean
  /** While a component is redefined: its own name means what it was before. */
  readonly renamed: ReadonlyMap<ExpandedName, ExpandedName>

  constructor(schema: XmlElement, target: string, renamed: SchemaContext['renamed'] = new Map()) {
    this.target = target
    this.chameleon = schema.attribute('targetNamespace') === undefined && target !== ''
    this.qualifiedElements = schema.attribute('elementFormDefault') === 'qualified'
    this.qualifiedAttributes = schema.attribute('attributeFormDefault') === 'qualified'
    this.renamed = renamed
  }

  /** @throws Fault `config` for a prefix that is not declared */
  name(at: XmlElement, text: string): ExpandedName {
    const name = qualifiedName(at, text, this.chameleon ? this.target : '')
    return this.renamed.get(name) ?? name
  }

  own(element: XmlElement): ExpandedName {
    return expandedName(this.target, requiredName(element))
  }
}

/** What a prefixed name in a document means. `unprefixed`: what it means without prefix and default namespace. */
export function qualifiedName(at: XmlElement, text: string, unprefixed = ''): ExpandedName {
  const plain = text.trim()
  const colon = plain.indexOf(':')
  const uri = at.namespaceOf(colon === -1 ? '' : plain.slice(0, colon))
  if (uri === undefined) throw refused(`uses a prefix in "${plain.slice(0, 100)}" that it does not declare`)
  return expandedName(uri === '' && colon === -1 ? unprefixed : uri, plain.slice(colon + 1))
}

export function requiredName(element: XmlElement): string {
  const name = element.attribute('name')
  if (name === undefined || name.trim() === '') throw refused(`has a ${element.local} without a name`)
  return name.trim()
}

export function refused(message: string): Fault {
  return new Fault({ kind: 'config', code: 'wsdl', sent: 'none', issues: [{ path: 'wsdl', message }] })
}

/** Adds the components of a schema document to the set. Imports and includes are the loader's work. */
export function addSchema(schemas: SchemaSet, schema: XmlElement, context: SchemaContext): void {
  for (const element of schema.elements) if (element.uri === namespaces.schema) addComponent(schemas, element, context)
}

/** `override`: the component replaces one of the same name. */
export function addComponent(schemas: SchemaSet, element: XmlElement, context: SchemaContext, override = false): void {
  const add = <T>(components: Map<ExpandedName, T>, read: () => T): void => {
    const name = context.own(element)
    if (override || !components.has(name)) components.set(name, read())
  }
  switch (element.local) {
    case 'element': {
      add(schemas.elements, () => readElement(element, context, true))
      return
    }
    case 'complexType': {
      add(schemas.types, () => readComplexType(element, context, readElement))
      return
    }
    case 'simpleType': {
      add(schemas.types, () => readSimpleType(element, context))
      return
    }
    case 'group': {
      add(schemas.groups, () => {
        const model = element.elements.find(({ local }) => ['sequence', 'choice', 'all'].includes(local))
        return { particle: model === undefined ? undefined : readParticle(model, context, readElement) }
      })
      return
    }
    case 'attribute': {
      add(schemas.attributes, () => {
        const [declared] = readAttributes([element], context, true).own
        if (declared === undefined || 'reference' in declared) throw refused('has a global attribute that refers')
        return declared
      })
      return
    }
    case 'attributeGroup': {
      add(schemas.attributeGroups, () => readAttributes(element.elements, context))
      return
    }
  }
}

/** A declaration: global ones belong to the namespace, local ones only where the schema says so. */
export function readElement(element: XmlElement, context: SchemaContext, global = false): ElementDeclaration {
  const local = requiredName(element)
  const form = element.attribute('form')
  const qualified = global || (form === undefined ? context.qualifiedElements : form === 'qualified')
  const uri = qualified ? context.target : ''
  const head = element.attribute('substitutionGroup')?.trim().split(/\s+/)[0]
  return {
    name: expandedName(uri, local),
    local,
    uri,
    type: typeOf(element, context),
    nillable: isTrue(element.attribute('nillable')),
    abstract: isTrue(element.attribute('abstract')),
    fixed: element.attribute('fixed'),
    substitutes: head === undefined ? undefined : context.name(element, head),
    documentation: documentationOf(element),
  }
}

function typeOf(element: XmlElement, context: SchemaContext): TypeReference {
  const named = element.attribute('type')
  if (named !== undefined) return context.name(element, named)
  const complex = element.first(namespaces.schema, 'complexType')
  if (complex !== undefined) return readComplexType(complex, context, readElement)
  const simple = element.first(namespaces.schema, 'simpleType')
  return simple === undefined ? anyType : readSimpleType(simple, context)
}

export function isTrue(text: string | undefined): boolean {
  return text === 'true' || text === '1'
}

/** The first 500 characters of what stands in `documentation`. */
export function documentationOf(element: XmlElement): string | undefined {
  const holder = element.first(namespaces.schema, 'annotation') ?? element
  const found = holder.elements.find(({ local }) => local === 'documentation')
  const text = found?.text.replace(/\s+/g, ' ').trim().slice(0, 500)
  return text === '' ? undefined : text
}
