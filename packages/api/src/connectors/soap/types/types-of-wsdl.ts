import type { SoapDescription, SoapPort } from '../description/description-model.ts'
import { planOf } from '../schema/content-plan.ts'
import type { ComplexType, ElementDeclaration, TypeReference } from '../schema/schema-model.ts'
import { anyType } from '../schema/schema-set.ts'
import { simpleShape } from '../schema/simple-shape.ts'
import { splitName } from '../xml/names.ts'
import { type Side, scalarType } from './scalar-type.ts'

/** Anonymous types inside one another are written in place, down to here. */
const deepest = 20

/**
 * TypeScript of a port's operations, for {@link import('../typed-calls.ts').typedCalls}: one interface named after the service with `input` and
 * `output` per operation, and the types that they use. Inputs accept more than answers give (numbers for decimals, streams for bytes), so types
 * that go both ways are written twice.
 */
export function typesOfWsdl(description: SoapDescription, port: SoapPort): string {
  return new TypeWriter(description).write(port)
}

class TypeWriter {
  readonly #description: SoapDescription
  /** By type and side. */
  readonly #names = new Map<string, string>()
  readonly #taken = new Set<string>()
  readonly #written: string[] = []
  readonly #imports = new Set<string>()

  constructor(description: SoapDescription) {
    this.#description = description
  }

  write(port: SoapPort): string {
    const service = this.#free(pascal(port.service))
    const operations = [...port.operations.values()]
      .filter(({ unsupported }) => unsupported === undefined)
      .map(({ name, documentation, input, output }) => {
        const given = input.body === undefined ? 'undefined' : this.#element(input.body, 'input', 0)
        const answer = output?.body === undefined ? 'undefined' : this.#element(output.body, 'output', 0)
        return `${comment(documentation)}  readonly ${key(name)}: { readonly input: ${given}; readonly output: ${answer} }\n`
      })
    const imports =
      this.#imports.size === 0
        ? ''
        : `import type { ${[...this.#imports].sort().join(', ')} } from '@patchbay/api/soap'\n\n`
    return `${imports}export interface ${service} {\n${operations.join('')}}\n${this.#written.map((text) => `\n${text}`).join('')}`
  }

  #element({ type, nillable }: ElementDeclaration, side: Side, depth: number): string {
    const written = this.#type(type, side, depth)
    return nillable ? `${written} | null` : written
  }

  #type(reference: TypeReference, side: Side, depth: number): string {
    const { schemas } = this.#description
    const type = schemas.type(reference)
    if (reference === anyType || depth > deepest) return 'unknown'
    if (type.variety !== 'complex') return this.#scalar(reference, side)
    if (typeof reference !== 'string' || type.name === undefined) return this.#object(type, side, depth)
    const derived = [...schemas.types.values()].filter(
      (one): one is ComplexType =>
        one.variety === 'complex' &&
        one !== type &&
        one.name !== undefined &&
        !one.abstract &&
        schemas.derives(one.name, reference),
    )
    const own = type.abstract && derived.length > 0 ? [] : [this.#named(type, reference, side)]
    return [...own, ...derived.map((one) => this.#named(one, one.name as string, side))].join(' | ')
  }

  #named(type: ComplexType, name: string, side: Side): string {
    const known = this.#names.get(`${side} ${name}`)
    if (known !== undefined) return known
    const { local } = splitName(name.replace(/#redefined$/, 'Before'))
    const chosen = this.#free(`${pascal(local)}${side === 'input' ? 'Input' : ''}`)
    this.#names.set(`${side} ${name}`, chosen)
    const place = this.#written.length
    this.#written.push('')
    this.#written[place] = `export type ${chosen} = ${this.#object(type, side, 0)}\n`
    return chosen
  }

  #object(type: ComplexType, side: Side, depth: number): string {
    const plan = planOf(this.#description.schemas, type)
    const text = plan.text === undefined || type.base === undefined ? undefined : this.#scalar(type, side)
    const isText = text !== undefined && plan.attributes.length === 0 && !plan.anyAttribute
    if (isText) return text
    const lines: string[] = []
    if (type.base !== undefined && type.name !== undefined && plan.text === undefined)
      lines.push(`readonly '#type'?: ${JSON.stringify(type.name)} | undefined`)
    for (const { key: name, attribute, shape } of plan.attributes) {
      const sure =
        attribute.use === 'required' || (side === 'output' && (attribute.default ?? attribute.fixed) !== undefined)
      lines.push(field(name, scalarType(shape, side, this.#imports), sure))
    }
    for (const { key: name, element, array, required } of plan.fields.values()) {
      const one = this.#element(element, side, depth + 1)
      const listed = array ? `readonly ${one.includes('|') || one.includes('{') ? `(${one})` : one}[]` : one
      lines.push(
        `${comment(element.documentation)}${field(name, listed, array ? side === 'output' || required : required)}`,
      )
    }
    if (text !== undefined) lines.push(field('#text', text, true))
    if (plan.anyElement) {
      this.#imports.add('AnyXml')
      lines.push(field('#any', 'readonly AnyXml[]', false))
    }
    if (plan.mixed || plan.particle?.free === true) lines.push(field('#content', 'readonly unknown[]', false))
    const object = lines.length === 0 ? 'Record<never, never>' : `{\n${lines.map((line) => `  ${line}`).join('\n')}\n}`
    return text !== undefined &&
      side === 'input' &&
      plan.attributes.every(({ attribute }) => attribute.use !== 'required')
      ? `${text} | ${object}`
      : object
  }

  #scalar(reference: TypeReference, side: Side): string {
    return scalarType(simpleShape(this.#description.schemas, reference), side, this.#imports)
  }

  #free(wanted: string): string {
    let name = wanted
    for (let count = 2; this.#taken.has(name); count++) name = `${wanted}${count}`
    this.#taken.add(name)
    return name
  }
}

function field(name: string, type: string, sure: boolean): string {
  return `readonly ${key(name)}${sure ? '' : '?'}: ${type}${sure ? '' : ' | undefined'}`
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
}

function pascal(text: string): string {
  const name = text
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')
  return /^[\p{L}]/u.test(name) ? name : `Type${name}`
}

/** Texts of a WSDL stand in a comment; nothing of them may end it. */
function comment(text: string | undefined): string {
  return text === undefined ? '' : `/** ${text.replaceAll('*/', '* /')} */\n  `
}
