import { Fault } from '@patchbay/core'
import { type ExpandedName, expandedName, namespaces, splitName } from '../xml/names.ts'
import { isXmlText } from '../xml/serialize-xml.ts'
import { XmlElement } from '../xml/xml-element.ts'
import { fromAnyXml } from './any-xml.ts'
import { type ContentPlan, planOf } from './content-plan.ts'
import { WrongText } from './read-simple.ts'
import type { ElementDeclaration, TypeReference } from './schema-model.ts'
import { anyType, type ResolvedType } from './schema-set.ts'
import { type SimpleShape, simpleShape } from './simple-shape.ts'
import { writeContent } from './write-content.ts'
import { complain, isPlain, join, type WriteContext } from './write-context.ts'
import { writeSimple } from './write-simple.ts'

const deepest = 90

/**
 * Writes a value as the schema says: in its order, with its namespaces, attributes, nils and lists.
 * @throws Fault `invalid-input` whose issues name every field that does not fit
 */
export function writeXml(
  element: ElementDeclaration,
  value: unknown,
  context: WriteContext,
  path = 'body',
): XmlElement {
  const written = writeElement(element, value, context, path, 0)
  if (context.issues.length > 0)
    throw new Fault({
      kind: 'invalid-input',
      sent: 'none',
      message: 'the input does not fit the WSDL',
      issues: context.issues,
    })
  return written
}

export function writeElement(
  declared: ElementDeclaration,
  value: unknown,
  context: WriteContext,
  path: string,
  depth: number,
): XmlElement {
  const element = new XmlElement(context.prefixes.prefixOf(declared.uri), declared.local, declared.uri)
  if (depth > deepest) {
    complain(context, path, `must not be more than ${deepest} elements deep`)
    return element
  }
  if (value === null || isNilObject(value)) {
    if (!declared.nillable) complain(context, path, 'must not be null: leave it out, or give a value')
    element.attributes.push(instance(context, 'nil', 'true'))
    if (value === null) return element
  }
  const reference = typeFor(declared.type, value, context, path)
  if (reference !== declared.type) element.attributes.push(instance(context, 'type', typeName(reference, context)))
  writeTyped(element, context.schemas.type(reference), reference, value, context, path, depth, declared)
  return element
}

function writeTyped(
  element: XmlElement,
  type: ResolvedType,
  reference: TypeReference,
  value: unknown,
  context: WriteContext,
  path: string,
  depth: number,
  declared: ElementDeclaration,
): void {
  if (reference === anyType) {
    writeAny(element, value, context, path)
    return
  }
  if (type.variety !== 'complex') {
    writeText(element, simpleShape(context.schemas, reference), value, context, path)
    return
  }
  if (type.abstract) {
    complain(context, path, `needs "#type" with the name of a type that stands for ${type.name ?? declared.local}`)
    return
  }
  const plan = planOf(context.schemas, type)
  // A type of mere text may be given as that text.
  const given = plan.text !== undefined && !isPlain(value) ? { '#text': value } : (value ?? {})
  if (!isPlain(given)) {
    complain(context, path, `must be an object${plan.fields.size === 0 ? '' : ` with ${sample(plan)}`}`)
    return
  }
  writeAttributes(element, plan, given, context, path)
  if (given['#nil'] === true) return
  if (plan.text !== undefined) writeText(element, plan.text, given['#text'], context, join(path, '#text'))
  else writeContent(element, plan, given, context, path, depth, writeElement)
}

function writeAttributes(
  element: XmlElement,
  plan: ContentPlan,
  value: Readonly<Record<string, unknown>>,
  context: WriteContext,
  path: string,
): void {
  const known = new Set<string>()
  for (const { key, attribute, shape } of plan.attributes) {
    known.add(key)
    const given = Object.hasOwn(value, key) ? value[key] : undefined
    const fixed = given ?? attribute.fixed
    if (fixed === undefined || fixed === null) {
      if (attribute.use === 'required') complain(context, join(path, key), 'is missing')
      continue
    }
    const text = writeSimple(shape, fixed, context.prefixes)
    if (text instanceof WrongText) complain(context, join(path, key), text.reason)
    else pushAttribute(element, attribute.uri, attribute.local, text, context)
  }
  for (const key of Object.keys(value)) {
    if (!key.startsWith('@') || known.has(key)) continue
    const { uri, local } = splitName(key.slice(1))
    const text = value[key]
    if (!plan.anyAttribute) complain(context, join(path, key), 'is no attribute of this type')
    else if (typeof text !== 'string' || !isXmlText(text)) complain(context, join(path, key), 'must be text')
    else pushAttribute(element, uri, local, text, context)
  }
}

function writeText(element: XmlElement, shape: SimpleShape, value: unknown, context: WriteContext, path: string): void {
  const binary = shape.variety === 'atomic' && shape.kind === 'base64' ? context.binaries?.take(value) : undefined
  if (binary !== undefined) {
    const include = new XmlElement(context.prefixes.prefixOf(namespaces.xop), 'Include', namespaces.xop)
    include.attributes.push({
      prefix: '',
      local: 'href',
      uri: '',
      value: `cid:${encodeURIComponent(binary.contentId)}`,
    })
    element.append(include)
    return
  }
  if (value === undefined) {
    complain(context, path, 'is missing')
    return
  }
  const text = writeSimple(shape, value, context.prefixes)
  if (text instanceof WrongText) complain(context, path, text.reason)
  else if (text !== '') element.children.push(text)
}

/** What has no type: a scalar with the type that it shows, or elements as data. */
function writeAny(element: XmlElement, value: unknown, context: WriteContext, path: string): void {
  const scalar = typeof value === 'boolean' ? 'boolean' : typeof value === 'number' ? 'double' : 'string'
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    const type = expandedName(namespaces.schema, scalar)
    element.attributes.push(instance(context, 'type', typeName(type, context)))
    writeText(element, simpleShape(context.schemas, type), value, context, path)
    return
  }
  const items = isPlain(value) ? value['#any'] : undefined
  if (!Array.isArray(items)) {
    complain(context, path, 'must be text, a number, true or false, or an object with "#any"')
    return
  }
  for (const [index, item] of items.entries()) {
    const made = fromAnyXml(item, context.prefixes)
    if (typeof made === 'string') complain(context, join(path, `#any.${index}`), made)
    else element.append(made)
  }
}

/** The declared type, or the derived one that the value names in `#type`. */
function typeFor(declared: TypeReference, value: unknown, context: WriteContext, path: string): TypeReference {
  const named = isPlain(value) && Object.hasOwn(value, '#type') ? value['#type'] : undefined
  if (named === undefined) return declared
  const { schemas } = context
  const text = String(named)
  const near = typeof declared === 'string' ? expandedName(splitName(declared).uri, text) : text
  const name: ExpandedName = schemas.types.has(text) || text.startsWith('{') ? text : near
  if (name === declared) return declared
  const builtin = splitName(name).uri === namespaces.schema
  if ((!builtin && !schemas.types.has(name)) || !schemas.derives(name, declared)) {
    complain(context, join(path, '#type'), 'names no type that may stand here')
    return declared
  }
  return name
}

function typeName(reference: TypeReference, { prefixes }: WriteContext): string {
  const { uri, local } = splitName(typeof reference === 'string' ? reference : '')
  const prefix = prefixes.prefixOf(uri)
  return prefix === '' ? local : `${prefix}:${local}`
}

function instance({ prefixes }: WriteContext, local: string, value: string) {
  return { prefix: prefixes.prefixOf(namespaces.instance), local, uri: namespaces.instance, value }
}

function pushAttribute(element: XmlElement, uri: string, local: string, value: string, context: WriteContext): void {
  element.attributes.push({ prefix: context.prefixes.prefixOf(uri), local, uri, value })
}

function isNilObject(value: unknown): boolean {
  return isPlain(value) && Object.hasOwn(value, '#nil') && value['#nil'] === true
}

function sample(plan: ContentPlan): string {
  return [...plan.fields.values()]
    .slice(0, 5)
    .map(({ key }) => key)
    .join(', ')
}
