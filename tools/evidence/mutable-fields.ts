import type { OperationFacts } from '../../packages/api/src/evidence/index.ts'
import type { IntegrationManifest } from '../../packages/api/src/manifest/index.ts'

type Manifest = IntegrationManifest
type Operation = Manifest['operations'][string]
type Schema = Exclude<NonNullable<Operation['output']>['schema'], string | undefined>
type TypeName = 'string' | 'integer' | 'boolean' | 'array' | 'object'

/** What a schema of the source says about a field, through all its parts; empty where it says nothing. */
export function statesField(schema: Schema | null | undefined, key: string): readonly Schema[] {
  if (schema === null || schema === undefined) return []
  const { properties = {}, items, additionalProperties, allOf = [], anyOf = [], oneOf = [] } = schema
  const own = Object.hasOwn(properties, key) ? [properties[key] as Schema] : []
  const element = key === '*' ? [items, additionalProperties].filter((one) => typeof one === 'object') : []
  return [...own, ...element, ...[...allOf, ...anyOf, ...oneOf].flatMap((part) => statesField(part, key))]
}

const typesIn = (schemas: readonly Schema[]): readonly string[] =>
  schemas.flatMap((one) => [one.type ?? []].flat() as string[])

/** A type that none of theirs is; undefined where theirs says none, or any. */
export function retyped(ours: Pick<Schema, 'type'>, theirs: readonly Schema[]): TypeName | undefined {
  const types = typesIn(theirs)
  // A schema without a type, or that is itself a choice, may allow anything.
  if (types.length === 0 || theirs.some((one) => one.type === undefined)) return undefined
  const mine = [ours.type ?? []].flat() as string[]
  const able = (['boolean', 'string', 'object', 'array'] as const).filter(
    (type) => !types.includes(type) && !mine.includes(type),
  )
  return able[0]
}

export interface BodyField {
  /** Of the input. */
  readonly key: string
  /** In the body. */
  readonly path: string
  readonly required: boolean
  /** What the source says about it. */
  readonly schema: readonly Schema[]
}

/** Inputs that go into the body at places that the source describes. */
export function bodyFields(operation: Operation, theirs: OperationFacts): BodyField[] {
  const [media] = Object.entries(theirs.body?.media ?? {}).filter(
    ([type]) => /json/.test(type) && (operation.body ?? 'json') === 'json',
  )
  if (media === undefined) return []
  return Object.entries(operation.input ?? {}).flatMap(([key, input]): BodyField[] => {
    const path = input.as ?? key
    if (input.in !== 'body' || path === '@') return []
    const keys = path.split('.')
    let at: readonly Schema[] = media[1] === null ? [] : [media[1] as Schema]
    let required = true
    let open = false
    for (const one of keys) {
      required &&= at.length === 1 && at[0]?.required?.includes(one) === true
      open ||= at.some(
        ({ properties, additionalProperties }) => properties === undefined || additionalProperties !== undefined,
      )
      at = at.flatMap((schema) => statesField(schema, one))
    }
    // Objects that are open to any field know every name.
    return at.length === 0 || open ? [] : [{ key, path, required: required && input.default === undefined, schema: at }]
  })
}

export interface AnswerField {
  readonly path: string
  readonly to: TypeName
  put(manifest: Manifest, operation: Operation): void
}

/** Fields of answers whose type the source tells. */
export function answerFields(manifest: Manifest, operation: Operation, theirs: OperationFacts): AnswerField[] {
  const media = Object.values(theirs.answers)
    .flatMap((one) => Object.entries(one))
    .filter(([type]) => /json/.test(type))
  const roots = media.flatMap(([, schema]) => (schema === null ? [] : [schema as Schema]))
  const { list, output } = operation
  if (list?.each !== undefined || (output?.as ?? 'json') !== 'json') return []
  const lead = list === undefined ? (output?.from ?? '') : (list.items ?? '')
  if (!/^[\w.]*$/.test(lead)) return []
  const keys = [...lead.split('.').filter((key) => key !== ''), ...(list === undefined ? [] : ['*'])]
  const at = keys.reduce<readonly Schema[]>(
    (schemas, key) => schemas.flatMap((schema) => statesField(schema, key)),
    roots,
  )
  const found: AnswerField[] = []
  const visit = (
    ours: Schema | string | undefined,
    theirs: readonly Schema[],
    path: string,
    reach: Reach,
    depth: number,
  ): void => {
    if (ours === undefined || depth > 4 || theirs.length === 0) return
    const name = typeof ours === 'string' ? ours : ours.$ref?.replace('#/schemas/', '')
    const schema = name === undefined ? (ours as Schema) : (manifest.schemas?.[name] as Schema | undefined)
    const within: Reach = name === undefined ? reach : (copy) => copy.schemas?.[name] as Schema
    if (schema === undefined) return
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      const stated = theirs.flatMap((one) => statesField(one, key))
      const one: Reach = (copy, of) => within(copy, of).properties?.[key] as Schema
      const to = property.$ref === undefined && property.type !== undefined ? retyped(property, stated) : undefined
      if (to !== undefined)
        found.push({
          path: `${path}${key}`,
          to,
          put: (copy, of) => {
            const parent = within(copy, of) as { properties?: Record<string, Schema> }
            if (parent.properties !== undefined) parent.properties[key] = { type: to }
          },
        })
      visit(property, stated, `${path}${key}.`, one, depth + 1)
    }
    if (typeof schema.items === 'object')
      visit(
        schema.items,
        theirs.flatMap((one) => statesField(one, '*')),
        `${path}*.`,
        (copy, of) => within(copy, of).items as Schema,
        depth + 1,
      )
  }
  const whole: Reach = (_, of) => (of.list?.schema ?? of.output?.schema) as Schema
  visit((list?.schema ?? output?.schema) as Schema | string | undefined, at, '', whole, 0)
  return found
}

type Reach = (manifest: Manifest, operation: Operation) => Schema
