import type { BodyModel, MediaTypeModel, OperationModel, ParameterModel, ResponseModel } from '../model.ts'
import type { AddChange, Direction } from './change.ts'
import { SchemaDiff } from './diff-schema.ts'
import { diffSecurity } from './diff-security.ts'
import type { Pair } from './pair.ts'

/** What changed in one operation that both versions have. */
export function diffOperation(pair: Pair, add: AddChange): void {
  const { old, young } = pair
  if (old.method !== young.method)
    add('breaking', 'method-changed', '', `the method was ${old.method} and is ${young.method}`)
  if (shapeOf(old.path) !== shapeOf(young.path))
    add('breaking', 'path-changed', '', `the path was ${old.path} and is ${young.path}`)
  if (!old.deprecated && young.deprecated)
    add('compatible', 'operation-deprecated', '', 'the operation is deprecated now')
  diffServers(pair, add)
  diffSecurity(pair, add)
  diffParameters(pair, add)
  diffBody(pair, add)
  diffResponses(pair, add)
}

/** A path with its parameters' names put out. */
export function shapeOf(path: string): string {
  return path.replaceAll(/\{[^{}]*\}/g, '{}')
}

function diffServers({ before, after, old, young }: Pair, add: AddChange): void {
  const was = (old.servers ?? before.servers)[0]?.url
  const urls = (young.servers ?? after.servers).map(({ url }) => url.replace(/\/$/, ''))
  if (was !== undefined && urls.length > 0 && !urls.includes(was.replace(/\/$/, '')))
    add('breaking', 'server-changed', '', `the server ${was} is gone; there is ${urls[0]}`)
}

function diffParameters({ before, after, old, young }: Pair, add: AddChange): void {
  const [olds, youngs] = [keyed(old), keyed(young)]
  for (const [key, one] of olds) {
    const other = youngs.get(key)
    const place = `${one.in}.${one.name}`
    if (other === undefined) {
      const moved = [...youngs.values()].find(({ name }) => name === one.name)
      if (moved === undefined) add('breaking', 'parameter-removed', place, 'the parameter is gone')
      else add('breaking', 'parameter-moved', place, `the parameter is in the ${moved.in} now`)
      continue
    }
    if (one.name !== other.name && one.in === 'path')
      add('compatible', 'path-parameter-renamed', place, `the parameter is called ${other.name} now`)
    if (!one.required && other.required)
      add('breaking', 'parameter-became-required', place, 'the parameter is required now')
    if (one.required && !other.required)
      add('compatible', 'parameter-became-optional', place, 'the parameter is optional now')
    if (one.deprecated !== true && other.deprecated === true)
      add('compatible', 'parameter-deprecated', place, 'the parameter is deprecated now')
    const manyValued = before.schemas.view(one.schema).types.some((type) => type === 'array' || type === 'object')
    if (manyValued && (one.style !== other.style || one.explode !== other.explode))
      add('breaking', 'parameter-style-changed', place, 'several values are written in another way')
    const diff = new SchemaDiff(prefixed(add, place), 'input')
    diff.compare({ schemas: before.schemas, node: one.schema }, { schemas: after.schemas, node: other.schema }, '')
  }
  for (const [key, other] of youngs) {
    if (olds.has(key) || [...olds.values()].some(({ name }) => name === other.name)) continue
    const place = `${other.in}.${other.name}`
    if (other.required) add('breaking', 'parameter-added-required', place, 'there is a new required parameter')
    else add('compatible', 'parameter-added', place, 'there is a new parameter')
  }
}

/** Path parameters are told by their position, headers without regard to case. */
function keyed({ parameters, path }: OperationModel): Map<string, ParameterModel> {
  const positions = [...path.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name)
  return new Map(
    parameters.map((one) => {
      const name =
        one.in === 'path' ? positions.indexOf(one.name) : one.in === 'header' ? one.name.toLowerCase() : one.name
      return [`${one.in} ${name}`, one]
    }),
  )
}

function diffBody({ before, after, old, young }: Pair, add: AddChange): void {
  const [was, is]: (BodyModel | undefined)[] = [old.body, young.body]
  if (was === undefined && is === undefined) return
  if (was === undefined) {
    if (is?.required === true) add('breaking', 'body-added-required', 'body', 'a body must be sent now')
    else add('compatible', 'body-added', 'body', 'a body can be sent now')
    return
  }
  if (is === undefined) {
    add('breaking', 'body-removed', 'body', 'no body is taken any more')
    return
  }
  if (!was.required && is.required) add('breaking', 'body-became-required', 'body', 'the body is required now')
  if (was.required && !is.required) add('compatible', 'body-became-optional', 'body', 'the body is optional now')
  diffMedia(was.media, is.media, 'body', 'input', { before, after }, add)
}

function diffResponses({ before, after, old, young }: Pair, add: AddChange): void {
  const was = new Map(old.responses.map((one) => [one.status, one]))
  const is = new Map(young.responses.map((one) => [one.status, one]))
  for (const [status, one] of was) {
    const other: ResponseModel | undefined =
      is.get(status) ?? (status === 'default' ? undefined : is.get(`${status[0]}XX`))
    const place = `response.${status}`
    if (other === undefined) {
      const good = status.startsWith('2')
      add(good ? 'breaking' : 'compatible', 'response-removed', place, `status ${status} is no longer answered`)
      continue
    }
    for (const name of one.headers.keys())
      if (!other.headers.has(name))
        add('breaking', 'response-header-removed', `${place}.headers.${name}`, 'the header is no longer answered')
    // What errors look like is no promise that calls rest upon.
    if (status.startsWith('2') || status === 'default')
      diffMedia(one.media, other.media, place, 'output', { before, after }, add)
  }
  for (const status of is.keys())
    if (!was.has(status) && !was.has(`${status[0]}XX`))
      add('compatible', 'response-added', `response.${status}`, `status ${status} is answered too`)
}

function diffMedia(
  was: readonly MediaTypeModel[],
  is: readonly MediaTypeModel[],
  place: string,
  direction: Direction,
  { before, after }: Pick<Pair, 'before' | 'after'>,
  add: AddChange,
): void {
  for (const one of was) {
    const other = is.find(({ type }) => type === one.type)
    if (other === undefined) add('breaking', 'media-type-removed', place, `${one.type} is gone`)
    else if (one.schema !== undefined && other.schema !== undefined) {
      const diff = new SchemaDiff(prefixed(add, place), direction)
      diff.compare({ schemas: before.schemas, node: one.schema }, { schemas: after.schemas, node: other.schema }, '')
    }
  }
  for (const { type } of is)
    if (!was.some((one) => one.type === type)) add('compatible', 'media-type-added', place, `${type} is there too`)
}

function prefixed(add: AddChange, prefix: string): AddChange {
  return (severity, code, place, message) => {
    const joint = place === '' || place.startsWith('[') || place.startsWith('<') ? '' : '.'
    add(severity, code, `${prefix}${joint}${place}`, message)
  }
}
