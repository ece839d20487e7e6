import type { BodyModel, MediaTypeModel, ResponseModel } from '../model.ts'
import { isFields, own, ownEntries, ownFlag, ownList, ownText, ownWords, textsOf } from '../own.ts'
import type { SchemaNode } from '../schema.ts'
import type { DataDocument } from '../source-document.ts'
import { bodyParameters } from './parameters.ts'
import type { OpenApiPlace, Part } from './place.ts'

const json = ['application/json']

/** `requestBody` of OpenAPI 3. */
export function readBody(operation: Part, where: string, place: OpenApiPlace): BodyModel | undefined {
  const value = own(operation.value, 'requestBody')
  if (value === undefined || value === null) return undefined
  const part = place.follow({ value, document: operation.document }, `${where}/requestBody`)
  if (part === undefined) return undefined
  return {
    required: ownFlag(part.value, 'required') ?? false,
    description: ownWords(part.value, 'description'),
    media: mediaOf(part, place),
  }
}

/** The body and form parameters of Swagger 2.0 as one body. */
export function readSwaggerBody(
  lists: readonly Part[],
  operation: Part,
  where: string,
  place: OpenApiPlace,
): BodyModel | undefined {
  const parameters = bodyParameters(lists, where, place)
  const consumes = mimes(operation.value, 'consumes', place)
  const whole = parameters.find(({ value }) => ownText(value, 'in') === 'body')
  if (whole !== undefined) {
    const schema = place.schema(own(whole.value, 'schema'), whole.document)
    const types = consumes.filter((type) => !/form-data|x-www-form-urlencoded/.test(type))
    return {
      required: ownFlag(whole.value, 'required') ?? false,
      description: ownWords(whole.value, 'description'),
      media: (types.length === 0 ? json : types).map((type) => mediaType(type, schema)),
    }
  }
  if (parameters.length === 0) return undefined
  const files = parameters.some(({ value }) => ownText(value, 'type') === 'file')
  const forms = consumes.filter((type) => /form-data|x-www-form-urlencoded/.test(type))
  const usual = files ? 'multipart/form-data' : 'application/x-www-form-urlencoded'
  const types = files || forms.length === 0 ? [usual] : forms
  const required = parameters.filter(({ value }) => ownFlag(value, 'required') === true)
  const nameOf = ({ value }: Part): string => ownText(value, 'name') ?? ''
  // References inside form parameters start from their own documents; in practice there is one.
  const raw = {
    type: 'object',
    properties: Object.fromEntries(parameters.map((one) => [nameOf(one), withoutRequired(one.value)])),
    required: required.map(nameOf),
  }
  const document = parameters[0]?.document as DataDocument
  return { required: required.length > 0, media: types.map((type) => mediaType(type, { raw, document })) }
}

/** `required` of a parameter is a flag, of a schema a list. */
function withoutRequired(value: unknown): unknown {
  const { required: _, in: __, name: ___, ...schema } = isFields(value) ? value : {}
  return schema
}

export function readResponses(operation: Part, where: string, place: OpenApiPlace): ResponseModel[] {
  const found: ResponseModel[] = []
  for (const [said, value] of ownEntries(operation.value, 'responses')) {
    if (said.startsWith('x-')) continue
    const status = /^[1-5](?:\d\d|XX)$/i.test(said) ? said.toUpperCase() : said === 'default' ? said : undefined
    if (status === undefined) {
      place.findings.add('response-left-out', `${where}/responses`, `"${said.slice(0, 40)}" is no status; left out.`)
      continue
    }
    const part = place.follow({ value, document: operation.document }, `${where}/responses/${status}`)
    if (part === undefined) continue
    const swagger = place.version === '2.0'
    const schema = own(part.value, 'schema')
    const types = swagger && schema !== undefined ? mimes(operation.value, 'produces', place) : []
    const node = place.schema(schema, part.document)
    found.push({
      status,
      description: ownWords(part.value, 'description'),
      media: swagger
        ? schema === undefined
          ? []
          : (types.length === 0 ? json : types).map((type) => mediaType(type, node))
        : mediaOf(part, place),
      headers: headersOf(part, `${where}/responses/${status}`, place),
    })
  }
  return found
}

function headersOf(part: Part, where: string, place: OpenApiPlace): ReadonlyMap<string, SchemaNode> {
  const found = new Map<string, SchemaNode>()
  for (const [name, value] of ownEntries(part.value, 'headers')) {
    const header = place.follow({ value, document: part.document }, `${where}/headers`)
    if (header === undefined) continue
    const raw = place.version === '2.0' ? header.value : own(header.value, 'schema')
    found.set(name.toLowerCase(), place.schema(raw, header.document))
  }
  return found
}

function mediaOf(part: Part, place: OpenApiPlace): MediaTypeModel[] {
  return ownEntries(part.value, 'content').map(([type, value]) => {
    const schema = own(value, 'schema')
    return mediaType(type, schema === undefined ? undefined : place.schema(schema, part.document))
  })
}

function mediaType(header: string, schema: SchemaNode | undefined): MediaTypeModel {
  const type = (header.split(';', 1)[0] ?? '').trim().toLowerCase()
  return header.includes(';') ? { type, schema, header } : { type, schema }
}

function mimes(operation: unknown, key: string, place: OpenApiPlace): string[] {
  const own = textsOf(ownList(operation, key))
  return own.length > 0 ? own : textsOf(ownList(place.document.value, key))
}
