import { type Fields, isFields, own, ownEntries, ownFlag, ownList, ownNumber, ownText } from '../own.ts'
import { definition } from '../translated.ts'

const deepest = 200
const scalars: Readonly<Record<string, Fields>> = {
  string: { type: 'string' },
  character: { type: 'string' },
  boolean: { type: 'boolean' },
  integer: { type: 'integer', format: 'int32' },
  long: { type: 'integer', format: 'int64' },
  float: { type: 'number', format: 'float' },
  double: { type: 'number', format: 'double' },
  bigdecimal: { type: 'number' },
  blob: { type: 'string', format: 'byte' },
  timestamp: { type: 'string', format: 'date-time' },
}

export interface AwsWords {
  /** `json` writes times as seconds since 1970 and lists as they are; the XML protocols write times as ISO 8601. */
  readonly json: boolean
}

/**
 * A shape of an AWS service model in the words of JSON Schema. Minified models leave out `type: string` and write small shapes in place.
 * Members with a `location` belong to the request line or the headers and are left to the parameters.
 */
export function awsSchema(value: unknown, words: AwsWords, depth = 0): Fields {
  if (!isFields(value) || depth > deepest) return {}
  const shape = ownText(value, 'shape')
  if (shape !== undefined) return definition(shape)
  const type = ownText(value, 'type') ?? 'string'
  switch (type) {
    case 'structure':
      return structure(value, words, depth)
    case 'list': {
      const items = awsSchema(own(value, 'member') ?? {}, words, depth + 1)
      return { type: 'array', items, ...counts(value, 'minItems', 'maxItems') }
    }
    case 'map':
      return { type: 'object', additionalProperties: awsSchema(own(value, 'value') ?? {}, words, depth + 1) }
    default:
      return scalar(value, type, words)
  }
}

function structure(value: Fields, words: AwsWords, depth: number): Fields {
  const members = bodyMembers(value)
  const properties = members.map(([name, member]) => [nameOf(name, member), awsSchema(member, words, depth + 1)])
  const names = new Map(members.map(([name, member]) => [name, nameOf(name, member)]))
  const required = ownList(value, 'required').flatMap((name) => names.get(String(name)) ?? [])
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
  }
}

/** Members that travel in the body. */
export function bodyMembers(shape: unknown): [string, unknown][] {
  return ownEntries(shape, 'members').filter(([, member]) => ownText(member, 'location') === undefined)
}

/** The member's name on the wire. */
export function nameOf(name: string, member: unknown): string {
  return ownText(member, 'locationName') ?? name
}

function scalar(value: Fields, type: string, words: AwsWords): Fields {
  const known = Object.hasOwn(scalars, type) ? (scalars[type] as Fields) : {}
  if (type === 'timestamp' && words.json && ownText(value, 'timestampFormat') !== 'iso8601') return { type: 'number' }
  const values = ownList(value, 'enum')
  const pattern = ownText(value, 'pattern')
  const range = type === 'string' ? counts(value, 'minLength', 'maxLength') : counts(value, 'minimum', 'maximum')
  return {
    ...known,
    ...(values.length === 0 ? {} : { enum: values }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(type === 'blob' ? {} : range),
    ...(ownFlag(value, 'sensitive') === true ? { writeOnly: true } : {}),
  }
}

function counts(value: Fields, low: string, high: string): Fields {
  const [min, max] = [ownNumber(value, 'min'), ownNumber(value, 'max')]
  return { ...(min === undefined ? {} : { [low]: min }), ...(max === undefined ? {} : { [high]: max }) }
}
