import type { Fields } from '../own.ts'
import type { XmlElement } from '../source-document.ts'
import { definition } from '../translated.ts'

const int = (bits: number): Fields => ({ type: 'integer', format: `int${bits}` })
const text = (format: string): Fields => ({ type: 'string', format })

/** Primitive types (OData 4.01 CSDL, section 3.3; those of version 2 beside them) as they are written in JSON. */
const primitives: Readonly<Record<string, Fields>> = {
  Boolean: { type: 'boolean' },
  Byte: { type: 'integer', minimum: 0, maximum: 255 },
  SByte: int(8),
  Int16: int(16),
  Int32: int(32),
  Int64: int(64),
  Single: { type: 'number', format: 'float' },
  Double: { type: 'number', format: 'double' },
  Decimal: { type: 'number', format: 'decimal' },
  Date: text('date'),
  DateTimeOffset: text('date-time'),
  DateTime: { type: 'string' },
  TimeOfDay: { type: 'string' },
  Time: { type: 'string' },
  Duration: text('duration'),
  Guid: text('uuid'),
  Binary: text('base64url'),
  Stream: text('binary'),
  String: { type: 'string' },
}

/** The schemas of a metadata document, with aliases and base types resolved by name only. */
export class Edm {
  /** By qualified name. */
  readonly types = new Map<string, XmlElement>()
  readonly containers: XmlElement[] = []
  /** Actions and functions by qualified name; several functions may share one. */
  readonly actions: { readonly name: string; readonly element: XmlElement }[] = []
  /** 2, 3 or 4: versions 1 and 2 are written alike. */
  readonly version: 2 | 3 | 4
  readonly #aliases = new Map<string, string>()

  constructor(root: XmlElement) {
    const services = childrenOf(root, 'DataServices')
    const said = services[0]?.attributes.get('DataServiceVersion') ?? root.attributes.get('Version') ?? ''
    const four = root.attributes.get('Version')?.startsWith('4') === true
    this.version = four ? 4 : said.startsWith('3') ? 3 : 2
    for (const schema of services.flatMap((service) => childrenOf(service, 'Schema'))) {
      const namespace = schema.attributes.get('Namespace') ?? ''
      const alias = schema.attributes.get('Alias')
      if (alias !== undefined) this.#aliases.set(alias, namespace)
      for (const child of schema.children) {
        const name = `${namespace}.${child.attributes.get('Name') ?? ''}`
        if (/^(?:EntityType|ComplexType|EnumType|TypeDefinition)$/.test(child.name)) this.types.set(name, child)
        else if (child.name === 'EntityContainer') this.containers.push(child)
        else if (child.name === 'Action' || child.name === 'Function') this.actions.push({ name, element: child })
      }
    }
  }

  /** A qualified name with its alias resolved. */
  qualified(name: string): string {
    const cut = name.lastIndexOf('.')
    return `${this.#aliases.get(name.slice(0, cut)) ?? name.slice(0, cut)}.${name.slice(cut + 1)}`
  }

  typeNamed(name: string): XmlElement | undefined {
    return this.types.get(this.qualified(name))
  }

  /** An element's schema out of `Type` and facets. */
  schemaOf(type: string, facets?: ReadonlyMap<string, string>): Fields {
    const list = /^Collection\((.+)\)$/.exec(type)?.[1]
    if (list !== undefined) return { type: 'array', items: this.schemaOf(list, facets) }
    const nullable = facets?.get('Nullable') !== 'false' && facets !== undefined
    if (!type.startsWith('Edm.')) {
      const reference = this.typeNamed(type) === undefined ? {} : definition(this.qualified(type))
      return nullable ? { ...reference, nullable: true } : reference
    }
    const name = type.slice(4)
    const primitive = Object.hasOwn(primitives, name)
      ? (primitives[name] as Fields)
      : /^Geo/.test(name)
        ? { type: 'object' }
        : {}
    const length = Number(facets?.get('MaxLength') ?? Number.NaN)
    const bounded =
      primitive.type === 'string' && Number.isSafeInteger(length) ? { ...primitive, maxLength: length } : primitive
    return nullable && primitive.type !== undefined ? { ...bounded, nullable: true } : bounded
  }

  /** All declared types as JSON Schema, by qualified name. */
  definitions(): Readonly<Record<string, Fields>> {
    return Object.fromEntries([...this.types].map(([name, element]) => [name, this.#definition(element)]))
  }

  #definition(element: XmlElement): Fields {
    if (element.name === 'EnumType') {
      const values = childrenOf(element, 'Member').flatMap((member) => member.attributes.get('Name') ?? [])
      const flags = element.attributes.get('IsFlags') === 'true'
      return flags || values.length === 0 ? { type: 'string' } : { type: 'string', enum: values }
    }
    if (element.name === 'TypeDefinition')
      return this.schemaOf(element.attributes.get('UnderlyingType') ?? 'Edm.String')
    const properties = childrenOf(element, 'Property').map((property) => [
      property.attributes.get('Name') ?? '',
      this.schemaOf(property.attributes.get('Type') ?? 'Edm.String', property.attributes),
    ])
    const own = { type: 'object', properties: Object.fromEntries(properties) }
    const base = element.attributes.get('BaseType')
    return base === undefined || this.typeNamed(base) === undefined
      ? own
      : { allOf: [definition(this.qualified(base))], ...own }
  }

  /** The key of an entity type, looked for along its base types. */
  keysOf(typeName: string): { readonly name: string; readonly type: string }[] {
    let element = this.typeNamed(typeName)
    for (let hops = 0; element !== undefined && hops < 50; hops++) {
      const [key] = childrenOf(element, 'Key')
      const holder = element
      if (key !== undefined) {
        return childrenOf(key, 'PropertyRef').map((reference) => {
          const name = reference.attributes.get('Alias') ?? reference.attributes.get('Name') ?? ''
          const property = childrenOf(holder, 'Property').find((one) => one.attributes.get('Name') === name)
          return { name, type: property?.attributes.get('Type') ?? 'Edm.String' }
        })
      }
      element = this.typeNamed(element.attributes.get('BaseType') ?? '')
    }
    return []
  }
}

export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name)
}
