import { type Manifest, schemasOf } from '../declarative/manifest-parts.ts'
import type { FieldSchema, NamedSchemas } from '../json-schema/field-schema.ts'
import { refName, typesOf } from '../json-schema/field-schema.ts'
import { type ForeignSchema, produces } from '../json-schema/subset.ts'
import type { OperationFacts, ParameterFacts } from './facts.ts'
import { isLooser } from './loose-inputs.ts'
import { placeholders } from './path-shape.ts'
import { writtenBy } from './security-kinds.ts'
import type { SentParameter, SentRequest } from './sent-request.ts'
import type { Verdict } from './verdict.ts'

/** Headers that HTTP itself defines; descriptions seldom list them. */
const ofHttp =
  /^(?:accept|accept-(?:encoding|language)|authorization|content-type|if-(?:none-)?match|if-(?:un)?modified-since|range|prefer|user-agent)$/i

/** What the source requires must always be sent, in the same place; what we send must be known to the source. */
export function checkParameters(
  sent: SentRequest,
  theirs: OperationFacts,
  path: string,
  manifest: Manifest,
  verdict: Verdict,
): void {
  const named = schemasOf(manifest)
  const unknown = sent.parameters.filter(
    (one) => one.in !== 'path' && !theirs.parameters.some((other) => isSame(one, other)),
  )
  for (const parameter of theirs.parameters) {
    if (parameter.in === 'path') continue
    const ours = sent.parameters.filter((one) => isSame(one, parameter))
    for (const one of ours) compare(one, parameter, named, verdict)
    if (parameter.required !== true || ours.some(({ always }) => always)) continue
    if (ours.length > 0)
      verdict.contradict('parameter', parameter.name, `${nameOf(parameter)} may be left out; the source requires it`)
    else if (!isByOthers(parameter, manifest))
      verdict.contradict('parameter', parameter.name, `${nameOf(parameter)} is never sent; the source requires it`)
  }
  for (const one of unknown) {
    if (one.in === 'header' && (ofHttp.test(one.name) || one.by === 'transport' || one.by === 'apiVersions')) continue
    const elsewhere = theirs.parameters.find(({ name }) => name === one.name)
    const place = elsewhere === undefined ? 'the source does not know it' : `the source has it in the ${elsewhere.in}`
    verdict.contradict('parameter', one.name, `${nameOf(one)} (${one.by}): ${place}`)
  }
  comparePath(sent, theirs, path, named, verdict)
}

const nameOf = ({ name, in: place }: Pick<ParameterFacts, 'name' | 'in'>): string => `${place} ${name}`

/** Placeholders are compared by position: their names are of no account. */
function comparePath(
  sent: SentRequest,
  theirs: OperationFacts,
  path: string,
  named: NamedSchemas,
  verdict: Verdict,
): void {
  const names = placeholders(path)
  for (const ours of sent.paths) {
    const own = placeholders(ours)
    for (const [index, name] of own.entries()) {
      const input = sent.parameters.find((one) => one.in === 'path' && one.name === name)
      if (input === undefined && !sent.parameters.some((one) => one.in === 'path' && one.by === `input ${name}`)) {
        verdict.contradict('path', name, `{${name}} stands in the path, and no input goes there`)
        continue
      }
      const parameter = theirs.parameters.find((one) => one.in === 'path' && one.name === names[index])
      if (own.length === names.length && input !== undefined && parameter !== undefined)
        compare(input, parameter, named, verdict)
    }
  }
}

function isSame(ours: SentParameter, { name, in: place }: ParameterFacts): boolean {
  if (ours.in !== place) return false
  if (place === 'header') return ours.name.toLowerCase() === name.toLowerCase()
  if (ours.name === name) return true
  if (place !== 'query') return false
  // Lists are written as `ids[]`, objects as `filter[state]`; descriptions name them with or without the brackets.
  const bare = name.replace(/\[\]$/, '')
  const lists = ours.style === 'bracket' || ours.style === 'index' || ours.name.endsWith('[]')
  if (lists && bare === ours.name.replace(/\[\]$/, '')) return true
  return ours.name.startsWith(`${name}[`) || (ours.style === 'deep' && name.startsWith(`${ours.name}[`))
}

/** Credentials and the transport write headers and keys that descriptions list as parameters. */
function isByOthers({ name, in: place }: ParameterFacts, manifest: Manifest): boolean {
  if (place === 'header' && /^(?:accept|accept-encoding|content-type|content-length|host|user-agent)$/i.test(name))
    return true
  return manifest.credentials.some((credential) =>
    writtenBy(credential, manifest).some(
      (one) =>
        one.in === place && (place === 'header' ? one.name.toLowerCase() === name.toLowerCase() : one.name === name),
    ),
  )
}

/** Parameters are texts in the end: only a value that theirs excludes is a contradiction. */
function compare(ours: SentParameter, theirs: ParameterFacts, named: NamedSchemas, verdict: Verdict): void {
  const foreign = theirs.schema
  if (ours.schema === undefined || foreign === undefined) return
  const [mine, other] = sameShape(inlined(ours.schema, named), foreign)
  if (mine === undefined || other === undefined) return
  const { contradictions } = produces(asText(mine, other), other as ForeignSchema, { named, resolve: () => undefined })
  for (const { path, message, ours: we, theirs: they } of contradictions)
    if (isLooser(message)) verdict.doubt(`${nameOf(theirs)}: the source lists the values: ${they}`)
    else
      verdict.contradict(
        'parameter',
        theirs.name,
        `${nameOf(theirs)}${path === '' ? '' : `.${path}`}: ${message} (ours: ${we}; theirs: ${they})`,
      )
}

function inlined(schema: FieldSchema, named: NamedSchemas, depth = 0): FieldSchema {
  const name = schema.$ref === undefined ? undefined : refName(schema.$ref)
  if (name === undefined || depth > 20 || !Object.hasOwn(named, name)) return schema
  return inlined(named[name] as FieldSchema, named, depth + 1)
}

const isList = (schema: FieldSchema): boolean => typesOf(schema)?.includes('array') === true

/** A list is compared with a list, and its element with one value; what a list in one text holds is not compared. */
function sameShape(mine: FieldSchema, other: FieldSchema): readonly [FieldSchema | undefined, FieldSchema | undefined] {
  if (typesOf(mine)?.includes('object') === true || typesOf(other)?.includes('object') === true)
    return [undefined, undefined]
  if (isList(mine) && !isList(other))
    return other.enum === undefined ? [undefined, undefined] : [mine.items || undefined, other]
  if (!isList(mine) && isList(other)) return [mine, other.items || undefined]
  return [mine, other]
}

/** What theirs takes as any text may be a number or boolean with us, and what theirs takes as a number a text of digits. */
function asText(mine: FieldSchema, theirs: FieldSchema): FieldSchema {
  const [types, others] = [typesOf(mine), typesOf(theirs)]
  if (isList(mine)) return mine
  if (mine.const !== undefined || mine.enum !== undefined) {
    if (others === undefined || theirs.enum !== undefined) return mine
    return others.some((type) => type === 'string') ? { type: 'string' } : mine
  }
  if (types === undefined || others === undefined) return mine
  const numeric = others.some((type) => type === 'number' || type === 'integer')
  if (numeric && types.includes('string') && mine.pattern !== undefined && /\\d|0-9/.test(mine.pattern))
    return { type: others[0] as 'integer' }
  return others.includes('string') && theirs.enum === undefined ? { ...mine, type: 'string' } : mine
}
