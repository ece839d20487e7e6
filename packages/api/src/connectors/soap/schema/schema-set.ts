import { Fault } from '@patchbay/core'
import { type ExpandedName, expandedName, namespaces, splitName } from '../xml/names.ts'
import { isBuiltin } from './builtin-types.ts'
import type {
  AttributeDeclaration,
  AttributeSet,
  ComplexType,
  ElementDeclaration,
  GroupDefinition,
  SimpleType,
  TypeReference,
} from './schema-model.ts'

/** A resolved type: one of the schema's, or the name of one that XML Schema brings along. */
export type ResolvedType = SimpleType | ComplexType | { readonly variety: 'builtin'; readonly builtin: string }

export const anyType = expandedName(namespaces.schema, 'anyType')

/** The components of all schemas of a description, by name. Of two with one name the first stays, as other tools do it. */
export class SchemaSet {
  readonly elements = new Map<ExpandedName, ElementDeclaration>()
  readonly types = new Map<ExpandedName, SimpleType | ComplexType>()
  readonly groups = new Map<ExpandedName, GroupDefinition>()
  readonly attributes = new Map<ExpandedName, AttributeDeclaration>()
  readonly attributeGroups = new Map<ExpandedName, AttributeSet>()
  #substitutes: Map<ExpandedName, ElementDeclaration[]> | undefined

  element(name: ExpandedName): ElementDeclaration {
    return this.elements.get(name) ?? missing('element', name)
  }

  group(name: ExpandedName): GroupDefinition {
    return this.groups.get(name) ?? missing('group', name)
  }

  attribute(name: ExpandedName): AttributeDeclaration {
    const found = this.attributes.get(name)
    if (found !== undefined) return found
    const { uri, local } = splitName(name)
    // `xml:lang` and its like, whose schema nobody brings; and attributes of schemas that were not brought, such as those of SOAP encoding.
    return { local, uri, type: expandedName(namespaces.schema, 'string'), use: 'optional' }
  }

  attributeGroup(name: ExpandedName): AttributeSet {
    return this.attributeGroups.get(name) ?? missing('attributeGroup', name)
  }

  type(reference: TypeReference): ResolvedType {
    if (typeof reference !== 'string') return reference
    const { uri, local } = splitName(reference)
    if (uri === namespaces.schema && isBuiltin(local)) return { variety: 'builtin', builtin: local }
    return this.types.get(reference) ?? missing('type', reference)
  }

  /** Elements that may stand in the place of this one, directly or over another. */
  substitutesOf(name: ExpandedName): readonly ElementDeclaration[] {
    if (this.#substitutes === undefined) {
      this.#substitutes = new Map()
      for (const element of this.elements.values()) {
        if (element.substitutes === undefined) continue
        const members = this.#substitutes.get(element.substitutes) ?? []
        members.push(element)
        this.#substitutes.set(element.substitutes, members)
      }
    }
    const found = new Set<ElementDeclaration>()
    const add = (head: ExpandedName): void => {
      for (const member of this.#substitutes?.get(head) ?? []) {
        if (found.has(member)) continue
        found.add(member)
        add(member.name)
      }
    }
    add(name)
    return [...found]
  }

  /** True when `type` is `ancestor` or is derived from it; everything is derived from anyType. */
  derives(type: ExpandedName, ancestor: TypeReference): boolean {
    if (ancestor === anyType || typeof ancestor !== 'string') return ancestor === anyType
    let at: TypeReference | undefined = type
    for (let steps = 0; steps < 100 && typeof at === 'string'; steps++) {
      if (at === ancestor) return true
      at = this.types.get(at)?.base
    }
    return false
  }
}

function missing(what: string, name: string): never {
  throw new Fault({
    kind: 'config',
    code: 'wsdl',
    sent: 'none',
    issues: [{ path: 'wsdl', message: `names the ${what} ${name.slice(0, 300)}, which none of its schemas declares` }],
  })
}
