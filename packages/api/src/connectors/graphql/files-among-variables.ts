import { Fault, type Random } from '@patchbay/core'
import type { ClientRequest } from '@patchbay/core/http'
import { multipartBody } from '../../request/multipart.ts'
import type { RequestBody } from './persisted.ts'
import { GraphqlUpload } from './upload.ts'

/** Variables nested deeper than this are a circle or a mistake. */
const deepest = 64

/** The request in several parts when there are files among the variables; undefined when there are none. */
export function requestWithFiles(
  body: RequestBody,
  random: Random,
): Pick<ClientRequest, 'headers' | 'body'> | undefined {
  // Places of each file, such as `variables.files.0`.
  const places = new Map<GraphqlUpload, string[]>()
  const variables = withoutFiles(body.variables, 'variables', places, 0)
  if (places.size === 0) return undefined
  const files = [...places]
  const map = Object.fromEntries(files.map(([, paths], index) => [String(index), paths]))
  const source = multipartBody(
    [
      { name: 'operations', value: JSON.stringify({ ...body, variables }) },
      { name: 'map', value: JSON.stringify(map) },
      ...files.map(([{ content, name, type }], index) => {
        return { name: String(index), value: content, fileName: name, type }
      }),
    ],
    random,
  )
  const length = source.size === undefined ? {} : { 'content-length': String(source.size) }
  return { headers: { 'content-type': source.type as string, ...length }, body: source.open() }
}

/** A copy in which files are null, as the specification wants; the value itself where it holds none. */
function withoutFiles(value: unknown, path: string, places: Map<GraphqlUpload, string[]>, depth: number): unknown {
  if (value instanceof GraphqlUpload) {
    const known = places.get(value)
    if (known === undefined) places.set(value, [path])
    else known.push(path)
    return null
  }
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value
  if (depth > deepest) {
    const message = `are nested deeper than ${deepest}`
    throw new Fault({ kind: 'invalid-input', sent: 'none', issues: [{ path: 'variables', message }] })
  }
  const before = count(places)
  const copy = Array.isArray(value)
    ? value.map((one, index) => withoutFiles(one, `${path}.${index}`, places, depth + 1))
    : Object.fromEntries(
        Object.entries(value).map(([name, one]) => [name, withoutFiles(one, `${path}.${name}`, places, depth + 1)]),
      )
  return count(places) === before ? value : copy
}

function count(places: Map<GraphqlUpload, string[]>): number {
  let all = 0
  for (const paths of places.values()) all += paths.length
  return all
}
