import type { Manifest } from '../declarative/manifest-parts.ts'
import { schemasOf } from '../declarative/manifest-parts.ts'
import type {
  ApiModel,
  MediaTypeModel,
  OperationModel,
  ParameterModel,
  SecurityScheme,
  ServerModel,
} from '../discovery/index.ts'
import { kindOfMedia } from '../discovery/to-manifest/answer.ts'
import type { FieldSchema } from '../json-schema/field-schema.ts'
import type { DescriptionFacts, MediaFacts, OperationFacts, ParameterFacts, SecurityFacts } from './facts.ts'
import { givenAnswer } from './given-answer.ts'
import { type Candidate, findIn, namedSource, wanted } from './matching.ts'
import { type Interest, type Interesting, SchemaReducer } from './reduced-schema.ts'
import { sentRequest } from './sent-request.ts'

export interface FactsOptions {
  /** How manifests name the document. */
  readonly ref: string
  /** Facts in full are kept of the operations that these use, and of no others. */
  readonly manifests: readonly Manifest[]
}

/** What is asked about one operation of the document. */
interface Asked {
  readonly body: Interest
  readonly answer: Interest
}

type Entry = Candidate & { readonly model: OperationModel }

/** The facts of a description, as {@link import('./verify.ts').verify} needs them. The same document and manifests give the same facts. */
export function factsOf(model: ApiModel, { ref, manifests }: FactsOptions): DescriptionFacts {
  const entries = model.operations.map((one): Entry => {
    const { method, path, id } = one
    return { method, path, id, servers: (one.servers ?? model.servers).map(urlOf), model: one }
  })
  const asked = new Map<Entry, Asked[]>()
  for (const manifest of manifests)
    for (const { id: sourceId } of manifest.sources.filter((source) => source.ref === ref))
      for (const operation of Object.values(manifest.operations)) {
        const named = namedSource(manifest, operation)
        if (named.source !== undefined && named.source !== sourceId && named.id !== undefined) continue
        const entry = findIn(wanted(manifest, operation, sourceId), entries)
        if (entry === undefined) continue
        const body = sentRequest(manifest, operation).body?.schema
        const { schema, taken } = givenAnswer(manifest, operation)
        const of = (one: FieldSchema | undefined): Interest =>
          one === undefined ? [] : [{ schema: one, named: schemasOf(manifest) }]
        const one: Asked = { body: of(body), answer: taken === undefined ? of(schema) : 'all' }
        asked.set(entry, [...(asked.get(entry) ?? []), one])
      }
  const used = entries.filter((entry) => asked.has(entry))
  const keyed = used.map((entry): [string, OperationFacts] => [
    keyOf(entry.model),
    operationFacts(model, entry, asked.get(entry) as Asked[]),
  ])
  return {
    kind: 'description',
    ref,
    sha256: model.sha256 ?? '',
    version: model.version === '' ? undefined : model.version,
    format: model.format,
    servers: [...new Set(model.servers.map(urlOf))],
    security: Object.fromEntries([...model.security.values()].map((one) => [one.name, securityFacts(one)])),
    operations: Object.fromEntries(keyed.sort(byName)),
    others: [...new Set(entries.filter((entry) => !asked.has(entry)).map(({ model: one }) => keyOf(one)))].sort(),
  }
}

/** Some documents have several operations for one path, told apart by a fragment. */
const keyOf = ({ key }: OperationModel): string => key
const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : one > other ? 1 : 0

const urlOf = ({ url, variables }: ServerModel): string =>
  url.replaceAll(/\{([^{}]*)\}/g, (text, name: string) => variables.get(name)?.default ?? text)

const securityFacts = ({ methods }: SecurityScheme): SecurityFacts[] =>
  methods.map(({ scheme, in: place, name }) => ({ scheme, in: place, name }))

function operationFacts(model: ApiModel, { model: one, servers }: Entry, asked: readonly Asked[]): OperationFacts {
  const { id, parameters, security, body, responses } = one
  const media = (list: readonly MediaTypeModel[], side: 'body' | 'answer'): MediaFacts =>
    Object.fromEntries(
      list.map(({ type, schema }) => [type, schema === undefined ? null : reduced(model, asked, side, schema, type)]),
    )
  const good = responses.filter(({ status }) => /^2/.test(status))
  const answers = good.length > 0 ? good : responses.filter(({ status }) => status === 'default')
  return {
    id,
    servers: one.servers === undefined ? undefined : servers,
    parameters: parameters.map((parameter) => parameterFacts(model, parameter)).sort(inPlace),
    security: security.length === 0 ? undefined : security.map((names) => [...names.keys()].sort()),
    body:
      body === undefined || body.media.length === 0
        ? undefined
        : { required: body.required ? true : undefined, media: media(body.media, 'body') },
    answers: Object.fromEntries(
      answers.map((answer) => [answer.status, media(answer.media, 'answer')] as const).sort(byName),
    ),
  }
}

/** Schemas of what is not JSON or a form say nothing that is compared. */
function reduced(
  model: ApiModel,
  asked: readonly Asked[],
  side: 'body' | 'answer',
  schema: NonNullable<MediaTypeModel['schema']>,
  type: string,
): FieldSchema | null {
  if (kindOfMedia(type) !== 'json' && !/form/.test(type)) return null
  const interests = asked.map((one) => one[side])
  const interest = interests.includes('all') ? 'all' : interests.flatMap((one) => one as readonly Interesting[])
  return new SchemaReducer(model.schemas).reduce(schema, interest)
}

function parameterFacts(
  model: ApiModel,
  { name, in: place, required, schema, style, explode }: ParameterModel,
): ParameterFacts {
  const small = new SchemaReducer(model.schemas).reduce(schema, [])
  const usual = place === 'query' || place === 'cookie' ? style === 'form' && explode : style === 'simple'
  return {
    name,
    in: place,
    required: required ? true : undefined,
    style: usual ? undefined : explode ? style : `${style},`,
    schema: Object.keys(small).length === 0 ? undefined : small,
  }
}

const inPlace = (one: ParameterFacts, other: ParameterFacts): number =>
  byName([`${one.in} ${one.name}`, 0], [`${other.in} ${other.name}`, 0])
