import { type ContentPlan, planOf } from '../../connectors/soap/schema/content-plan.ts'
import type { ComplexType, ElementDeclaration, TypeReference } from '../../connectors/soap/schema/schema-model.ts'
import { anyType, type SchemaSet } from '../../connectors/soap/schema/schema-set.ts'
import { type SimpleShape, simpleShape } from '../../connectors/soap/schema/simple-shape.ts'
import type { Fields } from '../own.ts'
import { definition } from '../translated.ts'

const deepest = 20

const bounded = (minimum: number, maximum: number): Fields => ({ type: 'integer', minimum, maximum })
const builtins: Readonly<Record<string, Fields>> = {
  boolean: { type: 'boolean' },
  byte: bounded(-128, 127),
  short: bounded(-32_768, 32_767),
  int: bounded(-2_147_483_648, 2_147_483_647),
  unsignedByte: bounded(0, 255),
  unsignedShort: bounded(0, 65_535),
  unsignedInt: bounded(0, 4_294_967_295),
  float: { type: 'number' },
  double: { type: 'number' },
  date: { type: 'string', format: 'date' },
  dateTime: { type: 'string', format: 'date-time' },
  duration: { type: 'string', format: 'duration' },
  base64Binary: { type: 'string', contentEncoding: 'base64' },
  hexBinary: { type: 'string', contentEncoding: 'base16' },
}

/** XML Schema types as JSON Schemas of the values that the connector `soap` takes and gives. */
export class SchemaDefinitions {
  readonly #schemas: SchemaSet
  /** Types from which others are derived. */
  readonly #bases: ReadonlySet<unknown>

  constructor(schemas: SchemaSet) {
    this.#schemas = schemas
    this.#bases = new Set([...schemas.types.values()].map(({ base }) => base).filter((base) => base !== undefined))
  }

  /** All named complex types. */
  all(): Readonly<Record<string, Fields>> {
    const named = [...this.#schemas.types].filter(
      ([name, type]) => type.variety === 'complex' && !name.endsWith('#redefined'),
    )
    return Object.fromEntries(named.map(([name, type]) => [name, this.#object(type as ComplexType, 0)]))
  }

  element({ type, nillable, documentation }: ElementDeclaration, depth = 0): Fields {
    const schema = this.#type(type, depth)
    const described = documentation === undefined ? schema : { ...schema, description: documentation }
    return nillable ? { anyOf: [described, { type: 'null' }] } : described
  }

  #type(reference: TypeReference, depth: number): Fields {
    const type = this.#schemas.type(reference)
    if (reference === anyType || depth > deepest) return {}
    if (type.variety !== 'complex') return scalar(simpleShape(this.#schemas, reference))
    return typeof reference === 'string' ? definition(reference) : this.#object(type, depth)
  }

  /** Values may hold more than the fields: those of a derived type, wildcards, `#content`. */
  #isOpen({ name }: ComplexType, { anyElement, anyAttribute, mixed, particle }: ContentPlan): boolean {
    return anyElement || anyAttribute || mixed || particle?.free === true || this.#bases.has(name ?? {})
  }

  #object(type: ComplexType, depth: number): Fields {
    const plan = planOf(this.#schemas, type)
    if (plan.text !== undefined && plan.attributes.length === 0) return scalar(plan.text)
    const properties: Record<string, Fields> = {}
    const required: string[] = []
    for (const { key, attribute, shape } of plan.attributes) {
      properties[key] = scalar(shape)
      if (attribute.use === 'required') required.push(key)
    }
    if (plan.text !== undefined) {
      properties['#text'] = scalar(plan.text)
      required.push('#text')
    }
    for (const { key, element, array, required: sure } of plan.fields.values()) {
      const one = this.element(element, depth + 1)
      properties[key] = array ? { type: 'array', items: one } : one
      if (sure) required.push(key)
    }
    return {
      type: 'object',
      properties,
      ...(required.length === 0 ? {} : { required }),
      ...(this.#isOpen(type, plan) ? { additionalProperties: {} } : {}),
    }
  }
}

function scalar(shape: SimpleShape): Fields {
  if (shape.variety === 'list') return { type: 'array', items: scalar(shape.item) }
  if (shape.variety === 'union')
    return shape.members.length === 0 ? { type: 'string' } : { anyOf: shape.members.map(scalar) }
  const { builtin, enumeration } = shape
  if (enumeration !== undefined) return { type: 'string', enum: [...enumeration] }
  return Object.hasOwn(builtins, builtin) ? (builtins[builtin] as Fields) : { type: 'string' }
}
