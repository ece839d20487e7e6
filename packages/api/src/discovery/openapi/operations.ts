import { quoted } from '../finding.ts'
import type { BodyModel, OperationModel, PagingHint, ParameterModel, ResponseModel, ServerModel } from '../model.ts'
import { isFields, own, ownEntries, ownFlag, ownList, ownText, ownWords, textsOf } from '../own.ts'
import { pointerOf } from '../reference/json-pointer.ts'
import { readBody, readResponses, readSwaggerBody } from './bodies.ts'
import { readParameters } from './parameters.ts'
import { type PathParts, pathParts } from './path-parts.ts'
import type { OpenApiPlace, Part } from './place.ts'
import { readRequirements } from './security.ts'
import { readServers } from './servers.ts'

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace', 'query'] as const

export function readOperations(place: OpenApiPlace): OperationModel[] {
  const { document, findings } = place
  const found: OperationModel[] = []
  const security = readRequirements(document.value) ?? none
  for (const [path, value] of ownEntries(document.value, 'paths')) {
    if (path.startsWith('x-')) continue
    const where = pointerOf('paths', path)
    const item = place.follow({ value, document }, where)
    if (item === undefined) continue
    if (!path.startsWith('/')) findings.add('path-repaired', where, 'The path has no slash in front; one was added.')
    for (const method of methods) {
      const operation = own(item.value, method)
      if (isFields(operation)) found.push(readOperation({ path, method, item, operation }, security, place))
      else if (operation !== undefined) {
        findings.add('operation-left-out', `${where}/${method}`, 'The operation is no object; left out.')
      }
    }
  }
  return found
}

const none: OperationModel['security'] = []

interface Given {
  readonly path: string
  readonly method: (typeof methods)[number]
  readonly item: Part
  readonly operation: unknown
}

function readOperation(given: Given, security: OperationModel['security'], place: OpenApiPlace): OperationModel {
  // Once for the findings.
  parametersOf(given, place)
  bodyOf(given, place)
  responsesOf(given, place)
  const servers = serversOf(given.operation, given.item, whereOf(given), place)
  return new OpenApiOperation(given, security, servers, place.quiet)
}

/**
 * Parameters, body and responses are read again at each access: most users want few of the operations, and keeping the details of tens of
 * thousands of them would cost more memory than the document.
 */
class OpenApiOperation implements OperationModel {
  readonly key: string
  readonly id: string | undefined
  readonly path: string
  readonly servers: readonly ServerModel[] | undefined
  readonly security: OperationModel['security']
  readonly #given: Given
  readonly #place: OpenApiPlace

  constructor(
    given: Given,
    security: OperationModel['security'],
    servers: readonly ServerModel[] | undefined,
    place: OpenApiPlace,
  ) {
    this.key = `${given.method.toUpperCase()} ${given.path}`
    this.id = ownText(given.operation, 'operationId') || undefined
    this.path = pathParts(given.path).path
    this.servers = servers
    this.security = readRequirements(given.operation) ?? security
    this.#given = given
    this.#place = place
  }

  get method(): string {
    return this.#given.method.toUpperCase()
  }

  get summary(): string | undefined {
    return ownWords(this.#given.operation, 'summary')
  }

  get description(): string | undefined {
    return ownWords(this.#given.operation, 'description')
  }

  get tags(): readonly string[] {
    return textsOf(ownList(this.#given.operation, 'tags'))
  }

  get deprecated(): boolean {
    return ownFlag(this.#given.operation, 'deprecated') ?? false
  }

  get parameters(): readonly ParameterModel[] {
    return parametersOf(this.#given, this.#place)
  }

  get fixedQuery(): ReadonlyMap<string, string> | undefined {
    return pathParts(this.#given.path).query
  }

  get body(): BodyModel | undefined {
    return bodyOf(this.#given, this.#place)
  }

  get responses(): readonly ResponseModel[] {
    return responsesOf(this.#given, this.#place)
  }

  get paging(): PagingHint | undefined {
    return pagingOf(this.#given.operation)
  }

  get documentation(): string | undefined {
    return ownWords(own(this.#given.operation, 'externalDocs'), 'url')
  }
}

function whereOf({ path, method }: Given): string {
  return pointerOf('paths', path, method)
}

function listsOf({ item, operation }: Given): Part[] {
  const { document } = item
  return [
    { value: own(item.value, 'parameters'), document },
    { value: own(operation, 'parameters'), document },
  ]
}

function parametersOf(given: Given, place: OpenApiPlace): ParameterModel[] {
  const where = whereOf(given)
  return inTemplate(readParameters(listsOf(given), where, place), pathParts(given.path), where, place)
}

function bodyOf(given: Given, place: OpenApiPlace): BodyModel | undefined {
  const operation = { value: given.operation, document: given.item.document }
  const where = whereOf(given)
  return place.version === '2.0'
    ? readSwaggerBody(listsOf(given), operation, where, place)
    : readBody(operation, where, place)
}

function responsesOf(given: Given, place: OpenApiPlace): ResponseModel[] {
  return readResponses({ value: given.operation, document: given.item.document }, whereOf(given), place)
}

/** Path parameters are those of the template: others are left out, missing ones added. */
function inTemplate(
  parameters: ParameterModel[],
  parts: PathParts,
  where: string,
  place: OpenApiPlace,
): ParameterModel[] {
  const declared = new Set<string>()
  const fitting: ParameterModel[] = []
  for (const parameter of parameters) {
    const slashes = parts.names.get(parameter.name)
    const key = parts.inQuery.get(parameter.name)
    if (parameter.in !== 'path') fitting.push(parameter)
    else if (slashes === undefined && key !== undefined) {
      fitting.push({ ...parameter, name: key, in: 'query', style: 'form', explode: true })
    } else if (slashes === undefined) {
      const what = `The path has no place for ${quoted(parameter.name)}; left out.`
      place.findings.add('parameter-not-in-path', where, what)
    } else {
      declared.add(parameter.name)
      fitting.push(slashes ? { ...parameter, slashes } : parameter)
    }
  }
  for (const [name, slashes] of parts.names) {
    if (declared.has(name)) continue
    place.findings.add('parameter-not-declared', where, `${quoted(name)} of the path is not declared; taken as text.`)
    const schema = { raw: { type: 'string' }, document: place.document }
    fitting.push({ name, in: 'path', required: true, schema, style: 'simple', explode: false, slashes })
  }
  return fitting
}

function serversOf(value: unknown, item: Part, where: string, place: OpenApiPlace): readonly ServerModel[] | undefined {
  const given = own(value, 'servers') ?? own(item.value, 'servers')
  if (given === undefined) return undefined
  const servers = readServers(given, `${where}/servers`, item.document, place.findings)
  return servers.length === 0 ? undefined : servers
}

/** `x-ms-pageable` of Microsoft's descriptions. */
function pagingOf(value: unknown): PagingHint | undefined {
  const pageable = own(value, 'x-ms-pageable')
  if (!isFields(pageable)) return undefined
  const nextLink = ownText(pageable, 'nextLinkName')
  return nextLink === undefined
    ? undefined
    : { by: 'microsoft', nextLink, items: ownText(pageable, 'itemName') ?? 'value' }
}
