import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql'
import type { Fields } from '../own.ts'
import { definition } from '../translated.ts'

/** Scalars whose meaning is agreed on. Others are anything. */
const scalars: Readonly<Record<string, Fields>> = {
  Int: { type: 'integer' },
  Float: { type: 'number' },
  String: { type: 'string' },
  Boolean: { type: 'boolean' },
  ID: { type: 'string' },
  DateTime: { type: 'string', format: 'date-time' },
  Date: { type: 'string', format: 'date' },
  Time: { type: 'string', format: 'time' },
  URI: { type: 'string', format: 'uri' },
  URL: { type: 'string', format: 'uri' },
  UUID: { type: 'string', format: 'uuid' },
  EmailAddress: { type: 'string', format: 'email' },
  BigInt: { type: ['string', 'integer'] },
  Long: { type: ['string', 'integer'] },
}

/** All enums and input objects as JSON Schema, by their names. They refer to each other, so that cycles are no matter. */
export function inputDefinitions(schema: GraphQLSchema): Record<string, Fields> {
  const found: Record<string, Fields> = {}
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue
    if (isEnumType(type))
      found[type.name] = { ...described(type), ...enumSchema(type.getValues().map(({ name }) => name)) }
    else if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields())
      found[type.name] = {
        ...described(type),
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(
          fields.map((field) => [field.name, { ...inputSchema(field.type), ...described(field) }]),
        ),
        required: fields.filter(isRequiredInputField).map(({ name }) => name),
      }
    }
  }
  return found
}

/** The variables of an operation as an object. */
export function variablesSchema(args: readonly GraphQLArgument[]): Fields {
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      args.map((arg) => [
        arg.name,
        {
          ...inputSchema(arg.type),
          ...described(arg),
          ...(arg.defaultValue === undefined ? {} : { default: arg.defaultValue }),
        },
      ]),
    ),
    required: args.filter(isRequiredArgument).map(({ name }) => name),
  }
}

/** Null stands for "not given" in every optional place, so the schema does not name it. */
function inputSchema(type: GraphQLInputType): Fields {
  if (isNonNullType(type)) return inputSchema(type.ofType)
  if (isListType(type)) return { type: 'array', items: inputSchema(type.ofType) }
  return isEnumType(type) || isInputObjectType(type) ? definition(type.name) : scalarSchema(type)
}

export function scalarSchema({ name }: GraphQLNamedType): Fields {
  return Object.hasOwn(scalars, name) ? (scalars[name] as Fields) : {}
}

export function enumSchema(values: readonly string[]): Fields {
  return { type: 'string', enum: values }
}

export function described(thing: { readonly description?: string | null | undefined }): Fields {
  const text = thing.description?.trim()
  return text === undefined || text === '' ? {} : { description: text }
}
