/** A JSON value, as it stands in a manifest. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/**
 * How one record becomes another, as data: it can stand in a manifest, be compared, be shown in a form, and be turned round for writes.
 * The set of keys is closed; an unknown one is an issue when the mapping is compiled.
 */
export interface MappingSpec {
  /** Version of this format. */
  readonly version?: 1
  /** The model that the result has, such as `ticket`; see `models`. The code that compiles the mapping hands in the model itself. */
  readonly model?: string
  /** By field of the model. A field that is not named here is left out of the result. */
  readonly fields: FieldSpecs
  /**
   * The field that takes the whole source record: itself where the model wants an object, its JSON text where the model wants a string.
   * What no field reads is then kept as raw and not dropped.
   */
  readonly raw?: string
  /** Paths of the source that are known and left out on purpose, such as `links.self`; they do not count as loss. */
  readonly unmapped?: readonly string[]
}

export type FieldSpecs = { readonly [field: string]: FieldSpec }

/** A path or expression (JMESPath), or a rule. */
export type FieldSpec = string | FieldRule

export type FieldRule = ConstantRule | ValueRule | TableRule | DateRule | ObjectRule | ListRule

/** The same value for every record. */
export interface ConstantRule {
  readonly constant: JsonValue
}

interface Sourced {
  /** A path or expression over the source record; inside `list.each` and `object` with `from`, over the element. */
  readonly from: string
  /** Taken when the source has no value, when it cannot be converted, and when `unknown` is `default`. */
  readonly default?: JsonValue
}

/** The source's value, converted where one of `text`, `number`, `boolean` asks for it. */
export interface ValueRule extends Sourced {
  /** Numbers and booleans become text. */
  readonly text?: true
  /** Text that is a JSON number becomes a number. `multiply` is applied after that, for other units. */
  readonly number?: true | { readonly multiply: number }
  /** Which values mean yes and no. `true` takes booleans, their two texts, 1 and 0. */
  readonly boolean?: true | { readonly true: readonly JsonValue[]; readonly false: readonly JsonValue[] }
}

/** Values of the source, as text, to values of the model: `{ "1": "critical", "2": "high" }`. */
export interface TableRule extends Sourced {
  readonly table: { readonly [value: string]: JsonValue }
  /**
   * What happens to a value that the table does not have. `default` (the default): `default` is taken, the loss names the value.
   * `error`: the record is refused. `{ "keep": "field" }`: as `default`, and the value is kept as text in that field of the same object.
   */
  readonly unknown?: 'default' | 'error' | { readonly keep: string }
  /** Compare texts without regard to the case of ASCII letters. Default false. */
  readonly ignoreCase?: boolean
}

/** A point in time. */
export interface DateRule extends Sourced {
  readonly date: {
    /** What the source has: seconds or milliseconds since 1970 (number or text), or ISO 8601 text. */
    readonly unit: 's' | 'ms' | 'iso'
    /** What the model wants. Default `iso`: UTC with milliseconds. */
    readonly to?: 's' | 'ms' | 'iso'
    /** Offset of texts that have none: `Z` or `+02:00`. Without it such a text cannot be converted, because it names no point in time. */
    readonly zone?: string
  }
}

/** An object of its own fields. With `from`, its expressions read that value; it is left out when there is none. */
export interface ObjectRule {
  readonly from?: string
  readonly object: FieldSpecs
}

/** A list: `each` is the path or rule of one element; its expressions read the element, `$` the whole record. */
export interface ListRule {
  readonly list: {
    readonly from: string
    /** Left out, the elements are taken as they are. Elements without a result are left out. */
    readonly each?: FieldSpec
  }
}
