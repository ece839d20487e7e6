import { Fault } from '@patchbay/core'
import { type ExpandedName, expandedName, isLocalName, namespaces, splitName } from '../xml/names.ts'
import type {
  AttributeData,
  ComplexData,
  ElementData,
  ParticleData,
  SchemaData,
  TypeReferenceData,
} from './schema-data.ts'
import type {
  AttributeDeclaration,
  ComplexType,
  ElementDeclaration,
  Particle,
  SimpleType,
  TypeReference,
} from './schema-model.ts'
import { anyType, SchemaSet } from './schema-set.ts'

/** Prefixes that every set has. */
export const ownPrefixes: Readonly<Record<string, string>> = { xs: namespaces.schema, xml: namespaces.xml }

/** The schemas of a manifest. @throws Fault `config` for prefixes that are not declared and for what is nested too deep */
export function schemasOfData(data: SchemaData): SchemaSet {
  const reader = new DataReader(data.prefixes)
  const schemas = new SchemaSet()
  for (const [name, element] of Object.entries(data.elements)) {
    const declared = reader.element(name, element, 0)
    schemas.elements.set(declared.name, declared)
  }
  for (const [name, type] of Object.entries(data.types ?? {})) {
    const full = reader.name(name)
    schemas.types.set(full, reader.type(type, full, 0))
  }
  for (const [name, particle] of Object.entries(data.groups ?? {}))
    schemas.groups.set(reader.name(name), { particle: reader.particle(particle, 0) })
  return schemas
}

/** The full name of a name in a manifest. @throws Fault `config` for a prefix that is not declared */
export function nameInData(prefixes: SchemaData['prefixes'], text: string): ExpandedName {
  return new DataReader(prefixes).name(text)
}

const deepest = 60

class DataReader {
  readonly #prefixes: Readonly<Record<string, string>>

  constructor(prefixes: Readonly<Record<string, string>>) {
    this.#prefixes = prefixes
  }

  name(text: string): ExpandedName {
    const colon = text.indexOf(':')
    const prefix = colon === -1 ? '' : text.slice(0, colon)
    const local = text.slice(colon + 1)
    if (!isLocalName(local)) throw refused(`"${text.slice(0, 100)}" is no name of XML`)
    if (colon === -1) return local
    for (const prefixes of [ownPrefixes, this.#prefixes])
      if (Object.hasOwn(prefixes, prefix)) return expandedName(prefixes[prefix] as string, local)
    throw refused(`the prefix of "${text.slice(0, 100)}" is none of the prefixes that there are`)
  }

  element(name: string, data: ElementData, depth: number): ElementDeclaration {
    const full = this.name(name)
    const { type, nillable = false, abstract = false, fixed, substitutes } = data
    return {
      name: full,
      ...splitName(full),
      type: type === undefined ? anyType : this.#reference(type, depth),
      nillable,
      abstract,
      fixed,
      substitutes: substitutes === undefined ? undefined : this.name(substitutes),
    }
  }

  type(
    data: Exclude<TypeReferenceData, string>,
    name: ExpandedName | undefined,
    depth: number,
  ): SimpleType | ComplexType {
    if (depth > deepest) throw refused(`types stand more than ${deepest} deep inside one another`)
    if (!('simple' in data)) return this.#complex(data, name, depth)
    const { simple, base, members = [], values, space } = data
    return {
      variety: simple,
      name,
      base: base === undefined ? undefined : this.#reference(base, depth + 1),
      members: members.map((member) => this.#reference(member, depth + 1)),
      enumeration: values,
      whiteSpace: space,
    }
  }

  particle(data: ParticleData, depth: number): Particle {
    if (depth > deepest) throw refused(`contents stand more than ${deepest} deep inside one another`)
    const { min = 1, max = 1 } = data
    const occurs = { min, max: max === 'unbounded' ? Number.POSITIVE_INFINITY : max }
    if ('element' in data) return { kind: 'element', element: this.element(data.element, data, depth + 1), ...occurs }
    if ('ref' in data) return { kind: 'element', element: { reference: this.name(data.ref) }, ...occurs }
    if ('group' in data) return { kind: 'group', reference: this.name(data.group), ...occurs }
    if ('any' in data) return { kind: 'any', ...occurs }
    const [kind, parts] =
      'sequence' in data
        ? (['sequence', data.sequence] as const)
        : 'choice' in data
          ? (['choice', data.choice] as const)
          : (['all', data.all] as const)
    return { kind, particles: parts.map((part) => this.particle(part, depth + 1)), ...occurs }
  }

  #complex(data: ComplexData, name: ExpandedName | undefined, depth: number): ComplexType {
    const {
      base,
      by,
      text = false,
      abstract = false,
      mixed = false,
      content,
      attributes = {},
      anyAttribute = false,
    } = data
    return {
      variety: 'complex',
      name,
      abstract,
      mixed,
      derivation: base === undefined ? undefined : (by ?? 'extension'),
      base: base === undefined ? undefined : this.#reference(base, depth + 1),
      content: text ? 'simple' : 'elements',
      particle: content === undefined ? undefined : this.particle(content, depth + 1),
      attributes: {
        own: Object.entries(attributes).map(([key, one]) => this.#attribute(key, one, depth + 1)),
        groups: [],
        any: anyAttribute,
      },
    }
  }

  #attribute(name: string, data: AttributeData, depth: number): AttributeDeclaration {
    const { type, use = 'optional', fixed, default: usual } = data
    return {
      ...splitName(this.name(name)),
      type: type === undefined ? expandedName(namespaces.schema, 'string') : this.#reference(type, depth),
      use,
      fixed,
      default: usual,
    }
  }

  #reference(data: TypeReferenceData, depth: number): TypeReference {
    return typeof data === 'string' ? this.name(data) : this.type(data, undefined, depth + 1)
  }
}

function refused(message: string): Fault {
  return new Fault({ kind: 'config', code: 'xml-schema', sent: 'none', issues: [{ path: 'xml', message }] })
}
