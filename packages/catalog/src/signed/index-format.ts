import { indexError } from './index-error.ts'

export const indexFormat = 'patchbay-catalog-index/1'
/** Names of the files of a bundle. */
export const indexFile = 'index.json'
export const noteFile = 'index.json.note'
export const manifestFileOf = (id: string): string => `manifests/${id}.json`

/** What an index says about one integration. All but `evidence` follows from the manifest. */
export interface IndexEntry {
  readonly id: string
  readonly product: string
  readonly vendor: string
  readonly category: string
  readonly subcategory: string
  readonly summary: string
  /** Of the manifest. */
  readonly version: string
  /** Of the configuration and credentials of connections. */
  readonly connectionVersion: number
  readonly stage: 'preview' | 'stable' | 'deprecated'
  /** SHA-256 of the manifest in the form of RFC 8785, in hexadecimal. */
  readonly sha256: string
  /** Of that form. */
  readonly bytes: number
  /** How many there are. */
  readonly operations: number
  readonly streams: number
  readonly webhooks: number
  /** Credential schemes, sorted. */
  readonly credentials: readonly string[]
  /** The only hosts that calls may reach, sorted; `configured` for the one that the operator of a self-hosted product names. */
  readonly hosts: readonly string[]
  /** Classes of the data that inputs and results are marked with, sorted. */
  readonly data: readonly string[]
  /** `E1` to `E5`: the lowest of its operations. Absent when nothing was computed. */
  readonly evidence?: string | undefined
}

/** An integration that must not be used any more. */
export interface Revocation {
  readonly id: string
  /** The manifest that is meant; without it every one with this id. */
  readonly sha256?: string | undefined
  readonly reason: string
}

export interface IndexContent {
  readonly format: typeof indexFormat
  /** Of the catalog, such as `acme.example/integrations`. */
  readonly name: string
  /** Grows with every index of this name. */
  readonly number: number
  /** Sorted by id. */
  readonly integrations: readonly IndexEntry[]
  readonly revoked: readonly Revocation[]
}

type Test = (value: unknown) => boolean

const text: Test = (value) => typeof value === 'string' && value.length > 0 && value.length <= 1000
const texts: Test = (value) => Array.isArray(value) && value.length <= 1000 && value.every(text)
const count: Test = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const positive: Test = (value) => count(value) && value !== 0
const matching =
  (pattern: RegExp): Test =>
  (value) =>
    typeof value === 'string' && pattern.test(value)
const maybe =
  (test: Test): Test =>
  (value) =>
    value === undefined || test(value)

const id = matching(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/)
const sha256 = matching(/^[0-9a-f]{64}$/)
export const isCatalogName = matching(/^[a-z0-9][\w./-]{0,199}$/i)

const entryTests: Readonly<Record<keyof IndexEntry, Test>> = {
  id,
  product: text,
  vendor: text,
  category: text,
  subcategory: text,
  summary: text,
  version: text,
  connectionVersion: positive,
  stage: matching(/^(?:preview|stable|deprecated)$/),
  sha256,
  bytes: positive,
  operations: count,
  streams: count,
  webhooks: count,
  credentials: texts,
  hosts: texts,
  data: texts,
  evidence: maybe(matching(/^E[1-5]$/)),
}
const revocationTests: Readonly<Record<keyof Revocation, Test>> = { id, sha256: maybe(sha256), reason: text }

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The first field that is not as it should be. Fields that are not known are left alone: later versions may add some. */
function wrongField(value: unknown, tests: Readonly<Record<string, Test>>): string | undefined {
  if (!isObject(value)) return 'an object'
  return Object.keys(tests).find((name) => !tests[name]?.(Object.hasOwn(value, name) ? value[name] : undefined))
}

/** Reads an index whose bytes are known to be good. @throws PatchbayError `index-format` */
export function parseIndex(bytes: Uint8Array): IndexContent {
  const bad = (what: string) => indexError('index-format', `${indexFile}: ${what}`)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw bad('it is no JSON')
  }
  if (!isObject(value)) throw bad('it is no object')
  const { format, name, number, integrations, revoked } = value
  if (format !== indexFormat)
    throw bad(`its format is not ${indexFormat}; a newer version of Patchbay may be able to read it`)
  if (!isCatalogName(name)) throw bad('name is no name of a catalog')
  if (!positive(number)) throw bad('number is no number from 1')
  checkList(integrations, 'integrations', entryTests, bad)
  checkList(revoked, 'revoked', revocationTests, bad)
  const ids = integrations.map((entry) => String(entry.id))
  const twice = ids.find((one, index) => index > 0 && one <= (ids[index - 1] as string))
  if (twice !== undefined) throw bad(`integrations: ${twice} stands there twice or not in order`)
  return value as unknown as IndexContent
}

function checkList(
  list: unknown,
  name: string,
  tests: Readonly<Record<string, Test>>,
  bad: (what: string) => Error,
): asserts list is readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(list)) throw bad(`${name} is no list`)
  for (const [index, one] of list.entries()) {
    const wrong = wrongField(one, tests)
    if (wrong !== undefined) throw bad(`${name}[${index}]: ${wrong} is missing or wrong`)
  }
}
