import { quoted } from '../finding.ts'
import type { ParameterModel, ParameterPlace, ParameterStyle } from '../model.ts'
import { own, ownEntries, ownFlag, ownText, ownWords } from '../own.ts'
import type { OpenApiPlace, Part } from './place.ts'

const places: ReadonlySet<string> = new Set(['path', 'query', 'header', 'cookie'])
const styles: Readonly<Record<string, ParameterStyle>> = {
  simple: 'simple',
  form: 'form',
  spaceDelimited: 'space',
  pipeDelimited: 'pipe',
  deepObject: 'deep',
  label: 'label',
  matrix: 'matrix',
  csv: 'form',
  multi: 'form',
  ssv: 'space',
  tsv: 'tab',
  pipes: 'pipe',
}
/** Headers that the transport writes itself: OpenAPI 3 says to ignore them as parameters. */
const ownHeaders: ReadonlySet<string> = new Set(['accept', 'content-type', 'authorization'])

/** The parameters of an operation over those of its path; body and form ones of Swagger 2.0 are left to the body. */
export function readParameters(lists: readonly Part[], where: string, place: OpenApiPlace): ParameterModel[] {
  const found = new Map<string, ParameterModel>()
  for (const part of parts(lists, where, place)) {
    const said = ownText(part.value, 'in')
    if (said === 'body' || said === 'formData') continue
    const parameter = readParameter(part, where, place)
    if (parameter !== undefined) found.set(`${parameter.in} ${parameter.name}`, parameter)
  }
  return [...found.values()]
}

/** The body and form parameters of Swagger 2.0. */
export function bodyParameters(lists: readonly Part[], where: string, place: OpenApiPlace): Part[] {
  return parts(lists, where, place, true).filter(({ value }) => /^(?:body|formData)$/.test(ownText(value, 'in') ?? ''))
}

function parts(lists: readonly Part[], where: string, place: OpenApiPlace, quiet = false): Part[] {
  const found: Part[] = []
  for (const { value, document } of lists) {
    for (const one of Array.isArray(value) ? value : []) {
      if (quiet && own(one, '$ref') === undefined && own(one, 'in') === undefined) continue
      const part = place.follow({ value: one, document }, where)
      if (part !== undefined) found.push(part)
    }
  }
  return found
}

function readParameter({ value, document }: Part, where: string, place: OpenApiPlace): ParameterModel | undefined {
  const name = ownText(value, 'name')
  const at = ownText(value, 'in')
  if (name === undefined || name === '' || at === undefined || !places.has(at)) {
    place.findings.add(
      'parameter-left-out',
      where,
      `The parameter ${quoted(name ?? '')} has no known place and is left out.`,
    )
    return undefined
  }
  const inside = at as ParameterPlace
  if (inside === 'header' && ownHeaders.has(name.toLowerCase())) return undefined
  const content = ownEntries(value, 'content')[0]
  const swagger = place.version === '2.0'
  const schema = swagger
    ? { raw: value, document }
    : place.schema(content === undefined ? own(value, 'schema') : own(content[1], 'schema'), document)
  const said = ownText(value, swagger ? 'collectionFormat' : 'style')
  const style = said !== undefined && Object.hasOwn(styles, said) ? styles[said] : undefined
  const usual: ParameterStyle = inside === 'query' || inside === 'cookie' ? 'form' : 'simple'
  const explode = swagger ? said === 'multi' : (ownFlag(value, 'explode') ?? (style ?? usual) === 'form')
  return {
    name,
    in: inside,
    required: inside === 'path' || (ownFlag(value, 'required') ?? false),
    description: ownWords(value, 'description'),
    deprecated: ownFlag(value, 'deprecated'),
    schema,
    style: content !== undefined && /json/i.test(content[0]) ? 'json' : (style ?? usual),
    explode,
    ...(own(value, 'x-ms-skip-url-encoding') === true ? { slashes: true } : {}),
  }
}
