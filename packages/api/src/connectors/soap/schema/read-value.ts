import { Fault, type Issue } from '@patchbay/core'
import { type ExpandedName, expandedName, namespaces } from '../xml/names.ts'
import type { XmlElement } from '../xml/xml-element.ts'
import { toAnyXml } from './any-xml.ts'
import { isBuiltin } from './builtin-types.ts'
import { type ContentPlan, planOf } from './content-plan.ts'
import { readSimple, WrongText } from './read-simple.ts'
import type { ElementDeclaration, TypeReference } from './schema-model.ts'
import { anyType, type SchemaSet } from './schema-set.ts'
import { type SimpleShape, simpleShape } from './simple-shape.ts'

export interface ReadContext {
  readonly schemas: SchemaSet
  /** True: a missing element and a text of another type are accepted as they are. */
  readonly lenient: boolean
  readonly issues: Issue[]
  /** What an `xop:Include` stands for. */
  readonly attached?: ((contentId: string) => unknown) | undefined
  /** True: bytes are given as the text that XML has for them, so that values are JSON. */
  readonly bytesAsText?: boolean | undefined
}

const mostIssues = 20

/**
 * Reads a value as the schema says. What may stand several times is always a list, numbers that do not fit a JavaScript number stay text,
 * unknown elements are kept in `#any`.
 * @throws Fault `protocol` whose issues name every field that does not fit; texts of the answer are not repeated
 */
export function readXml(
  element: XmlElement,
  declared: ElementDeclaration,
  context: ReadContext,
  path = 'body',
): unknown {
  const value = readElement(element, declared, context, path)
  if (context.issues.length > 0)
    throw new Fault({
      kind: 'protocol',
      code: 'schema',
      sent: 'all',
      message: 'the answer does not fit the WSDL',
      issues: context.issues,
    })
  return value
}

function complain({ issues }: ReadContext, path: string, message: string): void {
  if (issues.length < mostIssues) issues.push({ path, message })
}

function readElement(element: XmlElement, declared: ElementDeclaration, context: ReadContext, path: string): unknown {
  const nil = element.attribute('nil', namespaces.instance)?.trim()
  const isNil = nil === 'true' || nil === '1'
  const reference = typeFor(element, declared.type, context, path)
  const type = context.schemas.type(reference)
  if (reference === anyType) return isNil ? null : readAny(element)
  if (type.variety !== 'complex') {
    if (isNil) return null
    return readText(element, simpleShape(context.schemas, reference), context, path)
  }
  const plan = planOf(context.schemas, type)
  const value: Record<string, unknown> = {}
  if (reference !== declared.type && type.name !== undefined) value['#type'] = type.name
  readAttributes(element, plan, value, context, path)
  if (isNil) return Object.keys(value).length === 0 ? null : { ...value, '#nil': true }
  if (plan.text !== undefined) {
    const text = readText(element, plan.text, context, path)
    if (plan.attributes.length === 0 && !plan.anyAttribute) return text
    value['#text'] = text
  } else readChildren(element, plan, value, context, path)
  return value
}

/** Own property whatever its name: a vendor may well call an element `__proto__`. */
function put(value: Record<string, unknown>, key: string, one: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(value, key, { value: one, enumerable: true, writable: true, configurable: true })
  else value[key] = one
}

function readChildren(
  element: XmlElement,
  plan: ContentPlan,
  value: Record<string, unknown>,
  context: ReadContext,
  path: string,
): void {
  const content: unknown[] = []
  const lists = new Map<string, unknown[]>()
  let any: unknown[] | undefined
  for (const child of element.children) {
    if (typeof child === 'string') {
      if (plan.mixed) content.push(child)
      else if (child.trim() !== '') complain(context, path, 'holds text where elements must stand')
      continue
    }
    const field = plan.fields.get(child.name) ?? unqualified(plan, child)
    if (field === undefined) {
      any ??= []
      any.push(toAnyXml(child))
      content.push(any.at(-1))
      continue
    }
    const { key } = field
    const list = lists.get(key) ?? []
    const one = readElement(
      child,
      field.element,
      context,
      field.array ? `${path}.${key}.${list.length}` : `${path}.${key}`,
    )
    if (!field.array && lists.has(key)) complain(context, `${path}.${key}`, 'stands more than once')
    list.push(one)
    lists.set(key, list)
    content.push({ [key]: one })
  }
  for (const field of plan.fields.values()) {
    const list = lists.get(field.key)
    if (field.array) put(value, field.key, list ?? [])
    else if (list !== undefined) put(value, field.key, list[0])
    if (list === undefined && field.required && !context.lenient)
      complain(context, `${path}.${field.key}`, 'is missing')
  }
  if (any !== undefined) value['#any'] = any
  if (plan.mixed || (plan.particle?.free === true && isMoved(plan, element))) value['#content'] = content
}

/**
 * A choice that repeats leaves the order of different elements to the sender. True when it is not the order in which the fields would be
 * written again.
 */
function isMoved(plan: ContentPlan, { elements }: XmlElement): boolean {
  const seen: string[] = []
  for (const { name } of elements) if (plan.fields.has(name) && seen.at(-1) !== name) seen.push(name)
  const present = new Set(seen)
  const usual = [...plan.fields.keys()].filter((name) => present.has(name))
  return seen.length !== usual.length || seen.some((name, index) => name !== usual[index])
}

/** Many servers forget the namespace of elements, or give one to those that have none. */
function unqualified(plan: ContentPlan, child: XmlElement) {
  const field = plan.byKey.get(child.local)
  return field !== undefined && (child.uri === '' || field.element.uri === '') ? field : undefined
}

function readAttributes(
  element: XmlElement,
  plan: ContentPlan,
  value: Record<string, unknown>,
  context: ReadContext,
  path: string,
): void {
  const known = new Set<ExpandedName>()
  for (const { key, attribute, shape } of plan.attributes) {
    const name = expandedName(attribute.uri, attribute.local)
    known.add(name)
    const text = element.attribute(attribute.local, attribute.uri) ?? attribute.default ?? attribute.fixed
    if (text === undefined) {
      if (attribute.use === 'required' && !context.lenient) complain(context, `${path}.${key}`, 'is missing')
      continue
    }
    const read = readSimple(shape, text, element)
    if (read instanceof WrongText && !context.lenient) complain(context, `${path}.${key}`, read.reason)
    put(value, key, read instanceof WrongText ? text : given(read, shape, context))
  }
  for (const { uri, local, value: text } of element.attributes) {
    if (uri !== namespaces.instance && !known.has(expandedName(uri, local)))
      put(value, `@${expandedName(uri, local)}`, text)
  }
}

function readText(element: XmlElement, shape: SimpleShape, context: ReadContext, path: string): unknown {
  const children = element.elements
  const [include] = children
  if (include?.is(namespaces.xop, 'Include') && shape.variety === 'atomic' && shape.kind === 'base64') {
    const reference = /^cid:(.+)$/i.exec(include.attribute('href') ?? '')?.[1]
    const found = reference === undefined ? undefined : context.attached?.(decoded(reference))
    if (found !== undefined) return found
    complain(context, path, 'refers to an attachment that did not come')
    return undefined
  }
  if (children.length > 0) {
    if (context.lenient) return readAny(element)
    complain(context, path, 'holds elements where text must stand')
    return undefined
  }
  const read = readSimple(shape, element.text, element)
  if (!(read instanceof WrongText)) return given(read, shape, context)
  if (!context.lenient) complain(context, path, read.reason)
  return element.text
}

function given(value: unknown, shape: SimpleShape, context: ReadContext): unknown {
  if (context.bytesAsText !== true) return value
  if (Array.isArray(value) && shape.variety === 'list') return value.map((one) => given(one, shape.item, context))
  if (!(value instanceof Uint8Array)) return value
  const hex = shape.variety === 'atomic' && shape.kind === 'hex'
  return Buffer.from(value).toString(hex ? 'hex' : 'base64')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** What has no type: text as text, elements as data. */
function readAny(element: XmlElement): unknown {
  const attributes = element.attributes.filter(({ uri }) => uri !== namespaces.instance)
  if (element.elements.length === 0 && attributes.length === 0) return element.text
  const { content = [], attributes: named } = toAnyXml(element)
  const any = content.filter((item) => typeof item !== 'string' || item.trim() !== '')
  return {
    ...prefixed(named),
    '#any': any.filter((item) => typeof item !== 'string'),
    ...(any.some(isText) ? { '#text': element.text } : {}),
  }
}

function isText(item: unknown): boolean {
  return typeof item === 'string'
}

function prefixed(attributes: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes ?? {})
      .filter(([name]) => !name.startsWith(`{${namespaces.instance}}`))
      .map(([name, text]) => [`@${name}`, text]),
  )
}

/** The declared type, or the one that the sender names in `xsi:type` and that may stand for it. */
function typeFor(element: XmlElement, declared: TypeReference, context: ReadContext, path: string): TypeReference {
  const named = element.attribute('type', namespaces.instance)?.trim()
  if (named === undefined) return declared
  const colon = named.indexOf(':')
  const uri = element.namespaceOf(colon === -1 ? '' : named.slice(0, colon))
  const local = named.slice(colon + 1)
  const name = expandedName(uri ?? '', local)
  if (uri === namespaces.schema && isBuiltin(local)) return declared === anyType ? name : declared
  if (context.schemas.types.has(name) && (name === declared || context.schemas.derives(name, declared))) return name
  // A type of another version, or of a wrong name, says nothing; what the schema declares still holds.
  const type = context.schemas.type(declared)
  if (type.variety === 'complex' && type.abstract) complain(context, path, 'has a type that the WSDL does not know')
  return declared
}
