import { type ExpandedName, expandedName, namespaces, splitName } from '../xml/names.ts'
import { ownPrefixes } from './read-schema-data.ts'
import type {
  AttributeData,
  ComplexData,
  ElementData,
  ParticleData,
  SchemaData,
  TypeData,
  TypeReferenceData,
} from './schema-data.ts'
import type {
  AttributeDeclaration,
  AttributeSet,
  ComplexType,
  ElementDeclaration,
  Particle,
  SimpleType,
  TypeReference,
} from './schema-model.ts'
import { anyType, type SchemaSet } from './schema-set.ts'

const string = expandedName(namespaces.schema, 'string')
const deepest = 50

/** Schemas as data, with more elements than those that they declare: wrappers of rpc messages. Texts of the vendor's are left out. */
export function dataOfSchemas(schemas: SchemaSet, more: readonly ElementDeclaration[] = []): SchemaData {
  const writer = new DataWriter(schemas)
  const all = new Map([...more, ...schemas.elements.values()].map((element) => [element.name, element]))
  const written = <Part, Data>(parts: ReadonlyMap<ExpandedName, Part>, write: (part: Part) => Data) =>
    Object.fromEntries([...parts].map(([name, part]) => [writer.name(name), write(part)]))
  return {
    elements: written(all, (element) => writer.element(element)),
    types: written(schemas.types, (type) => writer.type(type)),
    groups: written(schemas.groups, ({ particle }) =>
      particle === undefined ? { sequence: [] } : writer.particle(particle),
    ),
    prefixes: writer.prefixes,
  }
}

class DataWriter {
  readonly #schemas: SchemaSet
  readonly #prefixOf = new Map(Object.entries(ownPrefixes).map(([prefix, uri]) => [uri, prefix]))
  readonly prefixes: Record<string, string> = {}

  constructor(schemas: SchemaSet) {
    this.#schemas = schemas
  }

  name(full: ExpandedName): string {
    const { uri, local: written } = splitName(full)
    // What a type was before it was redefined; a dot keeps it a name of XML.
    const local = written.replace(/#redefined$/, '.redefined')
    if (uri === '') return local
    let prefix = this.#prefixOf.get(uri)
    if (prefix === undefined) {
      prefix = this.#newPrefix(uri)
      this.#prefixOf.set(uri, prefix)
      this.prefixes[prefix] = uri
    }
    return `${prefix}:${local}`
  }

  element({ type, nillable, abstract, fixed, substitutes }: ElementDeclaration): ElementData {
    return {
      ...(type === anyType ? {} : { type: this.#reference(type) }),
      ...(nillable ? { nillable } : {}),
      ...(abstract ? { abstract } : {}),
      ...(fixed === undefined ? {} : { fixed }),
      ...(substitutes === undefined ? {} : { substitutes: this.name(substitutes) }),
    }
  }

  type(type: SimpleType | ComplexType): TypeData {
    if (type.variety === 'complex') return this.#complex(type)
    const { variety, base, members, enumeration, whiteSpace } = type
    return {
      simple: variety,
      ...(base === undefined ? {} : { base: this.#reference(base) }),
      ...(members.length === 0 ? {} : { members: members.map((member) => this.#reference(member)) }),
      ...(enumeration === undefined ? {} : { values: [...enumeration] }),
      ...(whiteSpace === undefined ? {} : { space: whiteSpace }),
    }
  }

  particle(particle: Particle): ParticleData {
    const { min, max } = particle
    const occurs = {
      ...(min === 1 ? {} : { min }),
      ...(max === 1 ? {} : { max: max === Number.POSITIVE_INFINITY ? ('unbounded' as const) : max }),
    }
    switch (particle.kind) {
      case 'element': {
        const { element } = particle
        if ('reference' in element) return { ref: this.name(element.reference), ...occurs }
        return { element: this.name(element.name), ...this.element(element), ...occurs }
      }
      case 'group':
        return { group: this.name(particle.reference), ...occurs }
      case 'any':
        return { any: true, ...occurs }
      default: {
        const parts = particle.particles.map((part) => this.particle(part))
        return { ...({ [particle.kind]: parts } as { sequence: ParticleData[] }), ...occurs }
      }
    }
  }

  #complex({ base, derivation, content, abstract, mixed, particle, attributes }: ComplexType): ComplexData {
    const found = this.#attributes(attributes)
    return {
      ...(base === undefined ? {} : { base: this.#reference(base) }),
      ...(derivation === 'restriction' ? { by: derivation } : {}),
      ...(content === 'simple' ? { text: true } : {}),
      ...(abstract ? { abstract } : {}),
      ...(mixed ? { mixed } : {}),
      ...(particle === undefined ? {} : { content: this.particle(particle) }),
      ...(Object.keys(found.attributes).length === 0 ? {} : { attributes: found.attributes }),
      ...(found.any ? { anyAttribute: true } : {}),
    }
  }

  /** Groups and global declarations are written where they are used. */
  #attributes(set: AttributeSet): { readonly attributes: Record<string, AttributeData>; readonly any: boolean } {
    const attributes = new Map<string, AttributeData>()
    const seen = new Set<ExpandedName>()
    let any = false
    const add = (one: AttributeSet, depth: number): void => {
      any ||= one.any
      for (const own of one.own) {
        const declared = 'reference' in own ? { ...this.#schemas.attribute(own.reference), use: own.use } : own
        const name = this.name(expandedName(declared.uri, declared.local))
        if (!attributes.has(name)) attributes.set(name, this.#attribute(declared))
      }
      for (const group of one.groups) {
        if (seen.has(group) || depth > deepest) continue
        seen.add(group)
        add(this.#schemas.attributeGroup(group), depth + 1)
      }
    }
    add(set, 0)
    return { attributes: Object.fromEntries(attributes), any }
  }

  #attribute({ type, use, fixed, default: usual }: AttributeDeclaration): AttributeData {
    return {
      ...(type === string ? {} : { type: this.#reference(type) }),
      ...(use === 'optional' ? {} : { use }),
      ...(fixed === undefined ? {} : { fixed }),
      ...(usual === undefined ? {} : { default: usual }),
    }
  }

  #reference(reference: TypeReference): TypeReferenceData {
    return typeof reference === 'string' ? this.name(reference) : this.type(reference)
  }

  /** A word of the namespace that tells it from the others: `urn:crm:customer` is `customer`. */
  #newPrefix(uri: string): string {
    const words = uri.split(/[^A-Za-z0-9]+/).filter((word) => /^[A-Za-z][A-Za-z0-9]*$/.test(word) && !plain.test(word))
    const wanted = words.at(-1)?.toLowerCase().slice(0, 20) ?? 'n'
    for (let number = 1; ; number++) {
      const prefix = number === 1 ? wanted : `${wanted}${number}`
      if (!Object.hasOwn(this.prefixes, prefix) && !Object.hasOwn(ownPrefixes, prefix)) return prefix
    }
  }
}

const plain = /^(?:https?|urn|www|com|org|net|xsd|schemas?|v\d+|xml.*)$/i
