import type { OperationModel } from '../model.ts'
import type { Fields } from '../own.ts'
import type { XmlElement } from '../source-document.ts'
import type { Translated } from '../translated.ts'
import { childrenOf, type Edm } from './edm.ts'
import { answer, base, dialects, json, keyOf, keyParameter, literal } from './entity-sets.ts'

type Node = Translated['node']

/** `ActionImport` and `FunctionImport` of a container. */
export function importOperations(container: XmlElement, edm: Edm, node: Node): OperationModel[] {
  const found: OperationModel[] = []
  for (const element of container.children) {
    const name = element.attributes.get('Name') ?? ''
    if (name === '') continue
    if (edm.version < 4) {
      if (element.name === 'FunctionImport') found.push(oldFunction(name, element, edm, node))
    } else if (element.name === 'ActionImport' || element.name === 'FunctionImport') {
      const kind = element.name === 'ActionImport' ? 'Action' : 'Function'
      const wanted = edm.qualified(element.attributes.get(kind) ?? '')
      const declared = edm.actions.find(
        (one) => one.name === wanted && one.element.name === kind && !isBound(one.element),
      )
      if (declared === undefined) continue
      const parameters = childrenOf(declared.element, 'Parameter')
      found.push(
        kind === 'Action'
          ? action(name, `/${name}`, parameters, declared.element, edm, node)
          : fn(name, parameters, declared.element, edm, node),
      )
    }
  }
  return found
}

/** Actions of one entity. */
export function boundOperations(set: string, type: string, edm: Edm, node: Node): OperationModel[] {
  const key = edm.version < 4 ? undefined : keyOf(type, edm, node)
  if (key === undefined) return []
  const found: OperationModel[] = []
  for (const { name, element } of edm.actions) {
    if (element.name !== 'Action' || !isBound(element)) continue
    const [bound, ...parameters] = childrenOf(element, 'Parameter')
    if (edm.qualified(bound?.attributes.get('Type') ?? '') !== edm.qualified(type)) continue
    const called = element.attributes.get('Name') ?? ''
    const path = `/${set}${key.path}/${name}`
    const operation = action(`${set}.${called}`, path, parameters, element, edm, node)
    found.push({ ...operation, tags: [set], parameters: [...key.parameters, ...operation.parameters] })
  }
  return found
}

function isBound(element: XmlElement): boolean {
  return element.attributes.get('IsBound') === 'true'
}

function action(
  id: string,
  path: string,
  parameters: readonly XmlElement[],
  element: XmlElement,
  edm: Edm,
  node: Node,
): OperationModel {
  const required = parameters.filter((one) => one.attributes.get('Nullable') === 'false')
  const body: Fields = {
    type: 'object',
    properties: Object.fromEntries(parameters.map((one) => [nameOf(one), edm.schemaOf(typeOf(one), one.attributes)])),
    ...(required.length === 0 ? {} : { required: required.map(nameOf) }),
  }
  const operation = { ...base(id, 'POST', path, []), responses: answerOf(element, edm, node) }
  return parameters.length === 0 ? operation : { ...operation, body: { required: true, media: json(body, node) } }
}

function fn(
  name: string,
  parameters: readonly XmlElement[],
  element: XmlElement,
  edm: Edm,
  node: Node,
): OperationModel {
  const written = parameters.map((one) => `${nameOf(one)}=${literal(nameOf(one), typeOf(one), edm.version)}`)
  return {
    ...base(name, 'GET', `/${name}(${written.join(',')})`, []),
    parameters: parameters.map((one) => keyParameter(nameOf(one), typeOf(one), edm, node)),
    responses: answerOf(element, edm, node),
  }
}

/** Function imports of versions 2 and 3 take their parameters in the query, and may be actions. */
function oldFunction(name: string, element: XmlElement, edm: Edm, node: Node): OperationModel {
  const method = (element.attributes.get('HttpMethod') ?? 'GET').toUpperCase()
  const type = element.attributes.get('ReturnType')
  const dialect = dialects[edm.version]
  const list = type?.startsWith('Collection(') === true
  const schema = type === undefined ? undefined : edm.schemaOf(type.replace(/^Collection\((.+)\)$/, '$1'))
  const shape = schema === undefined ? undefined : list ? dialect.list(schema) : dialect.single(schema)
  return {
    ...base(name, method === 'POST' ? 'POST' : 'GET', `/${name}`, []),
    parameters: childrenOf(element, 'Parameter').map((one) => ({
      name: nameOf(one),
      in: 'query',
      required: one.attributes.get('Nullable') === 'false',
      schema: node(edm.schemaOf(typeOf(one))),
      style: 'form',
      explode: true,
    })),
    responses: answer(shape === undefined ? '204' : '200', shape, node),
  }
}

function answerOf(element: XmlElement, edm: Edm, node: Node): OperationModel['responses'] {
  const type = childrenOf(element, 'ReturnType')[0]?.attributes.get('Type')
  if (type === undefined) return answer('204', undefined, node)
  const list = type.startsWith('Collection(')
  const dialect = dialects[edm.version]
  const schema = edm.schemaOf(type.replace(/^Collection\((.+)\)$/, '$1'))
  return answer('200', list ? dialect.list(schema) : dialect.single(schema), node)
}

function nameOf(element: XmlElement): string {
  return element.attributes.get('Name') ?? ''
}

function typeOf(element: XmlElement): string {
  return element.attributes.get('Type') ?? 'Edm.String'
}
