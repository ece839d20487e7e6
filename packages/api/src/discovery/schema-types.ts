import type { Fields } from './own.ts'
import { own, ownFlag, ownList } from './own.ts'
import type { JsonType } from './schema.ts'

/** Words that documents use for a type, with what they mean. */
const types: Readonly<Record<string, readonly JsonType[]>> = {
  string: ['string'],
  number: ['number'],
  integer: ['integer'],
  boolean: ['boolean'],
  object: ['object'],
  array: ['array'],
  null: ['null'],
  any: [],
  file: ['string'],
  text: ['string'],
  date: ['string'],
  datetime: ['string'],
  'date-time': ['string'],
  uuid: ['string'],
  uri: ['string'],
  binary: ['string'],
  enum: ['string'],
  int: ['integer'],
  int32: ['integer'],
  int64: ['integer'],
  long: ['integer'],
  float: ['number'],
  double: ['number'],
  decimal: ['number'],
  bool: ['boolean'],
  list: ['array'],
  map: ['object'],
  hash: ['object'],
  json: [],
}

const formats: Readonly<Record<string, string>> = {
  file: 'binary',
  date: 'date',
  datetime: 'date-time',
  'date-time': 'date-time',
  uuid: 'uuid',
  uri: 'uri',
  binary: 'binary',
}

/** The types of a schema; `unknown` is the first word that is none. */
export function typesOf(raw: Fields): { readonly types: readonly JsonType[]; readonly unknown?: string | undefined } {
  const said = own(raw, 'type')
  const words = typeof said === 'string' ? [said] : Array.isArray(said) ? said : []
  const found = new Set<JsonType>()
  let any = false
  let unknown: string | undefined
  for (const word of words) {
    const key = typeof word === 'string' ? word.toLowerCase() : ''
    const meant = Object.hasOwn(types, key) ? types[key] : undefined
    if (meant === undefined) unknown ??= String(word)
    else if (meant.length === 0) any = true
    for (const type of meant ?? []) found.add(type)
  }
  if (any || unknown !== undefined) return { types: [], unknown }
  if (found.size === 0) for (const type of implied(raw)) found.add(type)
  if (found.size > 0 && (ownFlag(raw, 'nullable') === true || ownFlag(raw, 'x-nullable') === true)) found.add('null')
  return { types: [...found] }
}

/** The format that a word for a type implies. */
export function impliedFormat(raw: Fields): string | undefined {
  const said = own(raw, 'type')
  const key = typeof said === 'string' ? said.toLowerCase() : ''
  return Object.hasOwn(formats, key) ? formats[key] : undefined
}

/** Schemas without a type mostly forgot it. */
function implied(raw: Fields): JsonType[] {
  const properties = own(raw, 'properties')
  if (typeof properties === 'object' && properties !== null) return ['object']
  if (typeof own(raw, 'additionalProperties') === 'object') return ['object']
  if (typeof own(raw, 'items') === 'object') return ['array']
  const values = ownList(raw, 'enum')
  return values.length > 0 && values.every((value) => typeof value === 'string') ? ['string'] : []
}
