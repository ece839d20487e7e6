import { expandedName, namespaces } from '../xml/names.ts'
import type { XmlElement } from '../xml/xml-element.ts'
import { readSimpleType, type TypeNames } from './read-simple-type.ts'
import type { AttributeDeclaration, AttributeReference, AttributeSet } from './schema-model.ts'

/** The attributes among the children of a type. */
export function readAttributes(children: readonly XmlElement[], context: TypeNames, global = false): AttributeSet {
  const own: (AttributeDeclaration | AttributeReference)[] = []
  const groups: string[] = []
  let any = false
  for (const child of children) {
    if (child.uri !== namespaces.schema) continue
    if (child.local === 'anyAttribute') any = true
    else if (child.local === 'attributeGroup') {
      const reference = child.attribute('ref')
      if (reference !== undefined) groups.push(context.name(child, reference))
    } else if (child.local === 'attribute') own.push(readAttribute(child, context, global))
  }
  return { own, groups, any }
}

function readAttribute(
  element: XmlElement,
  context: TypeNames,
  global: boolean,
): AttributeDeclaration | AttributeReference {
  const stated = element.attribute('use')
  const use = stated === 'required' || stated === 'prohibited' ? stated : 'optional'
  const reference = element.attribute('ref')
  if (reference !== undefined) return { reference: context.name(element, reference), use }
  const form = element.attribute('form')
  const qualified = global || (form === undefined ? context.qualifiedAttributes : form === 'qualified')
  const named = element.attribute('type')
  const simple = element.first(namespaces.schema, 'simpleType')
  return {
    local: (element.attribute('name') ?? '').trim(),
    uri: qualified ? context.target : '',
    type:
      named !== undefined
        ? context.name(element, named)
        : simple === undefined
          ? expandedName(namespaces.schema, 'string')
          : readSimpleType(simple, context),
    use,
    fixed: element.attribute('fixed'),
    default: element.attribute('default'),
  }
}
