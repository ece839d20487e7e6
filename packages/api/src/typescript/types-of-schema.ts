import { belongsToOther } from '../json-schema/compile-object.ts'
import type { Side } from '../json-schema/compiler.ts'
import { type FieldSchema, type NamedSchemas, refName, type TypeName, typesOf } from '../json-schema/field-schema.ts'
import { resolveRef } from '../json-schema/references.ts'
import { commentOf } from './type-comment.ts'
import {
  intersectionOf,
  literalType,
  propertyName,
  readonlyArray,
  single,
  type TypeText,
  unionOf,
  unknownType,
} from './type-literals.ts'

/** Words that TypeScript does not take as the name of a type, and the names that generated types use themselves. */
const taken = new Set(
  (
    'any unknown never object string number bigint boolean symbol undefined null void this infer keyof readonly unique asserts ' +
    'break case catch class const continue debugger default delete do else enum export extends false finally for function if import ' +
    'in instanceof new return super switch throw true try typeof var while with as implements interface let package private ' +
    'protected public static yield await type Readonly Record HttpBody Uint8Array AsyncIterable'
  ).split(' '),
)

/**
 * TypeScript types of the schemas of one manifest. `type` gives the text of one type and notes the named schemas it reaches;
 * `declarations` then declares all of them, sorted by name. A named schema has one type per side that reaches it: `Incident` for answers,
 * `IncidentInput` for inputs.
 *
 * Inputs: what strict validation accepts; fields with a default may be left out, `readOnly` fields are not there. Outputs: what tolerant
 * validation accepts; fields that are not required may be null or absent, `enum` takes values that were not known yet (literals still
 * complete), `writeOnly` fields are not there. `const` is exact on both sides, so alternatives can be told apart by it.
 */
export class SchemaTypes {
  readonly #named: NamedSchemas
  readonly #reserved: ReadonlySet<string>
  readonly #names: Readonly<Record<Side, Map<string, string>>> = { input: new Map(), output: new Map() }
  readonly #used = new Set<string>()
  #usesHttpBody = false

  /** `reserved`: names that the surrounding module has taken. */
  constructor(named: NamedSchemas, reserved: Iterable<string> = []) {
    this.#named = named
    this.#reserved = new Set(reserved)
  }

  /** True when a type mentions `HttpBody`, which the module then has to import from `@patchbay/core`. */
  get usesHttpBody(): boolean {
    return this.#usesHttpBody
  }

  /** The text of a type. `indentation` is that of the line it stands in. */
  type(schema: FieldSchema, side: Side, indentation = ''): string {
    return new TypeWriter(
      side,
      (ref) => this.#reach(ref, side),
      () => this.#noteBody(),
    ).write(schema, indentation).text
  }

  /** Exported declarations of all named schemas that the types so far reach, those inside of them included. */
  declarations(): string {
    const done = new Map<string, string>()
    for (let grown = true; grown; ) {
      grown = false
      for (const side of ['input', 'output'] as const)
        for (const [ref, name] of this.#names[side]) {
          if (done.has(name)) continue
          grown = true
          done.set(name, this.#declare(resolveRef(ref, this.#named), name, side))
        }
    }
    return [...done.keys()]
      .sort()
      .map((name) => done.get(name))
      .join('\n')
  }

  #declare(schema: FieldSchema, name: string, side: Side): string {
    const text = this.type(schema, side)
    const comment = commentOf(schema, '')
    // Interfaces show their name in messages and editors, where an alias shows its text.
    return isInterface(schema)
      ? `${comment}export interface ${name} ${text}\n`
      : `${comment}export type ${name} = ${text}\n`
  }

  #reach(ref: string, side: Side): string {
    const names = this.#names[side]
    const known = names.get(ref)
    if (known !== undefined) return known
    resolveRef(ref, this.#named)
    const base = `${refName(ref)}${side === 'input' ? 'Input' : ''}`
    // The bare names belong to the schemas that have them, whichever type is asked for first.
    const isFree = (name: string): boolean =>
      !taken.has(name) &&
      !this.#reserved.has(name) &&
      !this.#used.has(name) &&
      (name === refName(ref) || !Object.hasOwn(this.#named, name))
    let name = base
    while (!isFree(name)) name += '_'
    this.#used.add(name)
    names.set(ref, name)
    return name
  }

  #noteBody(): void {
    this.#usesHttpBody = true
  }
}

/** Whether a schema's type is one object literal, so that an interface can have it: `{ ... } | null` cannot. */
export function isInterface(schema: FieldSchema): boolean {
  const composed = [schema.$ref, schema.allOf, schema.anyOf, schema.oneOf, schema.enum, schema.const]
  const types = typesOf(schema)
  return (
    composed.every((part) => part === undefined) &&
    Object.keys(schema.properties ?? {}).length > 0 &&
    types?.length === 1 &&
    types[0] === 'object'
  )
}

class TypeWriter {
  readonly #side: Side
  readonly #reach: (ref: string) => string
  readonly #noteBody: () => void

  constructor(side: Side, reach: (ref: string) => string, noteBody: () => void) {
    this.#side = side
    this.#reach = reach
    this.#noteBody = noteBody
  }

  /** `part`: the schema is one of several that apply to the value. */
  write(schema: FieldSchema, indentation: string, part = false): TypeText {
    const each = (schemas: readonly FieldSchema[]): TypeText[] =>
      schemas.map((one) => this.write(one, indentation, true))
    const composed = [schema.$ref, schema.allOf, schema.anyOf, schema.oneOf].some((keyword) => keyword !== undefined)
    return intersectionOf([
      this.#own(schema, indentation, part || composed),
      ...(schema.$ref === undefined ? [] : [single(this.#reach(schema.$ref))]),
      ...each(schema.allOf ?? []),
      ...(schema.anyOf === undefined ? [] : [unionOf(each(schema.anyOf))]),
      ...(schema.oneOf === undefined ? [] : [unionOf(each(schema.oneOf))]),
    ])
  }

  #own(schema: FieldSchema, indentation: string, part: boolean): TypeText {
    if (schema.const !== undefined) return literalType(schema.const)
    if (schema.enum !== undefined) return this.#listed(schema.enum)
    const types = typesOf(schema) ?? impliedTypes(schema)
    return types === undefined
      ? unknownType
      : unionOf(types.map((type) => this.#typed(type, schema, indentation, part)))
  }

  #listed(values: readonly unknown[]): TypeText {
    const literals = values.map(literalType)
    if (this.#side === 'input') return unionOf(literals)
    // `& {}` keeps the literals apart from the type that swallows them, so that editors still offer them.
    const growing = (['string', 'number'] as const).filter((type) => values.some((value) => typeof value === type))
    return unionOf([...literals, ...growing.map((type) => single(`(${type} & {})`))])
  }

  #typed(type: TypeName, schema: FieldSchema, indentation: string, part: boolean): TypeText {
    switch (type) {
      case 'string':
        if (schema.format !== 'binary') return single('string')
        this.#noteBody()
        return single('HttpBody')
      case 'number':
      case 'integer':
        return single('number')
      case 'array':
        return this.#array(schema, indentation)
      case 'object':
        return this.#object(schema, indentation, part)
      default:
        return single(type)
    }
  }

  #array({ items, prefixItems, minItems = 0 }: FieldSchema, indentation: string): TypeText {
    const rest = typeof items === 'object' ? this.write(items, indentation) : unknownType
    if (prefixItems === undefined)
      return items === false ? { text: 'readonly []', binding: 'prefix' } : readonlyArray(rest)
    const elements = prefixItems.map((one, index) => {
      const { text, binding } = this.write(one, indentation)
      return index < minItems ? text : `${binding === 'single' ? text : `(${text})`}?`
    })
    // Vendors may add elements even where the schema has no more.
    if (items !== false || this.#side === 'output')
      elements.push(`...${readonlyArray(rest).text.slice('readonly '.length)}`)
    return { text: `readonly [${elements.join(', ')}]`, binding: 'prefix' }
  }

  #object(schema: FieldSchema, indentation: string, part: boolean): TypeText {
    const { properties = {}, required = [], additionalProperties: extra } = schema
    const inner = `${indentation}  `
    const fields = Object.entries(properties)
      .filter(([, property]) => !belongsToOther(property, this.#side))
      .map(([name, property]) => this.#field(name, property, required.includes(name), inner))
    for (const name of required)
      if (!Object.hasOwn(properties, name)) fields.push(`${inner}readonly ${propertyName(name)}: unknown\n`)
    const open = extra === true || typeof extra === 'object'
    if (fields.length > 0) {
      // Its type has to hold for the named fields as well.
      if (open) fields.push(`${inner}readonly [name: string]: unknown\n`)
      return single(`{\n${fields.join('')}${indentation}}`)
    }
    if (typeof extra === 'object') return single(`Readonly<Record<string, ${this.write(extra, indentation).text}>>`)
    // Beside other parts it says no more than that the value is an object; they name the fields.
    if (part) return single('object')
    const closed =
      this.#side === 'input' && (extra === false || (extra === undefined && schema.properties !== undefined))
    return single(`Readonly<Record<string, ${closed ? 'never' : 'unknown'}>>`)
  }

  #field(name: string, property: FieldSchema, required: boolean, indentation: string): string {
    const type = this.write(property, indentation)
    const input = this.#side === 'input'
    const present = required && !(input && property.default !== undefined)
    const whole = present ? type : unionOf([type, ...(input ? [] : [single('null')]), single('undefined')])
    const head = `${commentOf(property, indentation)}${indentation}readonly ${propertyName(name)}`
    return `${head}${present ? '' : '?'}: ${whole.text}\n`
  }
}

function impliedTypes(schema: FieldSchema): readonly TypeName[] | undefined {
  const { properties, required, additionalProperties, items, prefixItems } = schema
  if (properties !== undefined || required !== undefined || additionalProperties !== undefined) return ['object']
  return items !== undefined || prefixItems !== undefined ? ['array'] : undefined
}
