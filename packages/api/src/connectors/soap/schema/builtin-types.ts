/** How a built-in type of XML Schema is held in JavaScript. */
export type ValueKind = 'text' | 'boolean' | 'number' | 'float' | 'exact' | 'base64' | 'hex' | 'qname' | 'list' | 'any'

interface Builtin {
  readonly kind: ValueKind
  /** What a value must look like; undefined where any text will do. */
  readonly form?: RegExp
  readonly least?: bigint
  readonly most?: bigint
  readonly keepsSpace?: true
}

const whole = /^[+-]?\d+$/
const zone = '(?:Z|[+-](?:0\\d|1[0-4]):[0-5]\\d)?'
const year = '-?(?:[1-9]\\d{3,}|0\\d{3})'
const time = '(?:(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?|24:00:00(?:\\.0+)?)'
const month = '(?:0[1-9]|1[0-2])'
const day = '(?:0[1-9]|[12]\\d|3[01])'
const pattern = (text: string): RegExp => new RegExp(`^${text}$`)

const range = (bits: bigint, kind: ValueKind): Builtin => ({
  kind,
  form: whole,
  least: -(2n ** (bits - 1n)),
  most: 2n ** (bits - 1n) - 1n,
})
const unsigned = (bits: bigint, kind: ValueKind): Builtin => ({ kind, form: whole, least: 0n, most: 2n ** bits - 1n })

const text: Builtin = { kind: 'text' }

/**
 * Numbers become JavaScript numbers only where every value of the type fits: `int` and smaller, `float`, `double`. `decimal`, `integer`,
 * `long` and their like stay text, always, so that a type never changes with the value.
 */
const builtins: Readonly<Record<string, Builtin>> = {
  anyType: { kind: 'any' },
  anySimpleType: text,
  anyAtomicType: text,
  string: { kind: 'text', keepsSpace: true },
  normalizedString: { kind: 'text', keepsSpace: true },
  token: text,
  language: text,
  Name: text,
  NCName: text,
  NMTOKEN: text,
  ID: text,
  IDREF: text,
  ENTITY: text,
  anyURI: text,
  NMTOKENS: { kind: 'list' },
  IDREFS: { kind: 'list' },
  ENTITIES: { kind: 'list' },
  boolean: { kind: 'boolean' },
  byte: range(8n, 'number'),
  short: range(16n, 'number'),
  int: range(32n, 'number'),
  unsignedByte: unsigned(8n, 'number'),
  unsignedShort: unsigned(16n, 'number'),
  unsignedInt: unsigned(32n, 'number'),
  long: range(64n, 'exact'),
  unsignedLong: unsigned(64n, 'exact'),
  integer: { kind: 'exact', form: whole },
  nonNegativeInteger: { kind: 'exact', form: whole, least: 0n },
  positiveInteger: { kind: 'exact', form: whole, least: 1n },
  nonPositiveInteger: { kind: 'exact', form: whole, most: 0n },
  negativeInteger: { kind: 'exact', form: whole, most: -1n },
  decimal: { kind: 'exact', form: /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/ },
  float: { kind: 'float' },
  double: { kind: 'float' },
  date: { kind: 'text', form: pattern(`${year}-${month}-${day}${zone}`) },
  dateTime: { kind: 'text', form: pattern(`${year}-${month}-${day}T${time}${zone}`) },
  dateTimeStamp: { kind: 'text', form: pattern(`${year}-${month}-${day}T${time}${zone.slice(0, -1)}`) },
  time: { kind: 'text', form: pattern(`${time}${zone}`) },
  duration: {
    kind: 'text',
    form: /^-?P(?!$)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?!$)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?$/,
  },
  dayTimeDuration: { kind: 'text', form: /^-?P(?!$)(?:\d+D)?(?:T(?!$)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?$/ },
  yearMonthDuration: { kind: 'text', form: /^-?P(?!$)(?:\d+Y)?(?:\d+M)?$/ },
  gYear: { kind: 'text', form: pattern(`${year}${zone}`) },
  gYearMonth: { kind: 'text', form: pattern(`${year}-${month}${zone}`) },
  gMonthDay: { kind: 'text', form: pattern(`--${month}-${day}${zone}`) },
  gMonth: { kind: 'text', form: pattern(`--${month}${zone}`) },
  gDay: { kind: 'text', form: pattern(`---${day}${zone}`) },
  base64Binary: { kind: 'base64' },
  hexBinary: { kind: 'hex' },
  QName: { kind: 'qname' },
  NOTATION: { kind: 'qname' },
}

export function isBuiltin(name: string): boolean {
  return Object.hasOwn(builtins, name)
}

export function builtinOf(name: string): Builtin {
  return Object.hasOwn(builtins, name) ? (builtins[name] as Builtin) : text
}
