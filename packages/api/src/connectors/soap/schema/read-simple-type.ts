import { namespaces } from '../xml/names.ts'
import type { XmlElement } from '../xml/xml-element.ts'
import type { SchemaNames } from './read-particles.ts'
import type { SimpleType, TypeReference } from './schema-model.ts'

export interface TypeNames extends SchemaNames {
  /** The name that a global component gets. */
  own(element: XmlElement): string
}

const inSchema = (element: XmlElement, local: string): XmlElement | undefined => element.first(namespaces.schema, local)

export function readSimpleType(element: XmlElement, context: TypeNames): SimpleType {
  const name = element.attribute('name') === undefined ? undefined : context.own(element)
  const none = { name, members: [], enumeration: undefined, whiteSpace: undefined }
  const inner = (holder: XmlElement, attribute: string): TypeReference | undefined => {
    const named = holder.attribute(attribute)
    if (named !== undefined) return context.name(holder, named)
    const own = inSchema(holder, 'simpleType')
    return own === undefined ? undefined : readSimpleType(own, context)
  }
  const list = inSchema(element, 'list')
  if (list !== undefined) return { ...none, variety: 'list', base: inner(list, 'itemType') }
  const union = inSchema(element, 'union')
  if (union !== undefined) {
    const named = union.attribute('memberTypes')?.trim().split(/\s+/).filter(Boolean) ?? []
    const own = union.all(namespaces.schema, 'simpleType').map((member) => readSimpleType(member, context))
    return {
      ...none,
      variety: 'union',
      base: undefined,
      members: [...named.map((each) => context.name(union, each)), ...own],
    }
  }
  const restriction = inSchema(element, 'restriction')
  if (restriction === undefined) return { ...none, variety: 'atomic', base: undefined }
  const values = restriction.all(namespaces.schema, 'enumeration').map((one) => one.attribute('value') ?? '')
  const space = inSchema(restriction, 'whiteSpace')?.attribute('value')
  return {
    ...none,
    variety: 'atomic',
    base: inner(restriction, 'base'),
    enumeration: values.length === 0 ? undefined : values,
    whiteSpace: space === 'preserve' || space === 'replace' || space === 'collapse' ? space : undefined,
  }
}
