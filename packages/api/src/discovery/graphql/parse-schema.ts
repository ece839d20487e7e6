import {
  buildASTSchema,
  buildClientSchema,
  GraphQLError,
  type GraphQLSchema,
  type IntrospectionQuery,
  parse,
} from 'graphql'
import { descriptionError } from '../description-error.ts'
import { quoted } from '../finding.ts'
import { isFields, own } from '../own.ts'
import { deepestText, mostTokens } from './graphql-limits.ts'

/** What an introspection gives: `{ data: { __schema } }`, `{ __schema }`, or undefined for anything else. */
export function introspectionIn(value: unknown): unknown {
  const inner = own(value, 'data') ?? value
  return isFields(own(inner, '__schema')) ? inner : undefined
}

/** @throws PatchbayError `description-malformed`, `-too-deep`, `-too-large` */
export function schemaOfText(text: string): GraphQLSchema {
  refuseDepth(text)
  return guarded(() => {
    const document = parse(text, { noLocation: true, maxTokens: mostTokens })
    // Federation and other dialects bring directives that nobody declares; what matters here is found out type by type.
    return buildASTSchema(document, { assumeValid: true, assumeValidSDL: true })
  })
}

/** @throws PatchbayError `description-malformed` */
export function schemaOfIntrospection(value: unknown): GraphQLSchema {
  return guarded(() => buildClientSchema(value as IntrospectionQuery, { assumeValid: true }))
}

function guarded(build: () => GraphQLSchema): GraphQLSchema {
  try {
    return build()
  } catch (error) {
    if (error instanceof RangeError)
      throw descriptionError(
        'too-deep',
        '#',
        'the schema is nested too deep',
        'No real schema is; check where it came from.',
      )
    if (error instanceof GraphQLError && /Document contains more than/.test(error.message))
      throw descriptionError(
        'too-large',
        '#',
        `the schema has more than ${mostTokens} tokens`,
        'Give the part that is used.',
      )
    const place = error instanceof GraphQLError ? error.locations?.[0] : undefined
    const where = place === undefined ? '#' : `line ${place.line}, column ${place.column}`
    const what = `the schema is broken: ${quoted(error instanceof Error ? error.message : 'unknown')}`
    throw descriptionError('malformed', where, what, 'Give the schema as its server prints it.')
  }
}

function refuseDepth(text: string): void {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === 91 || char === 123 || char === 40) depth++
    else if (char === 93 || char === 125 || char === 41) depth = Math.max(0, depth - 1)
    else if (char === 10 && depth > deepestText) break
    if (depth > deepestText)
      throw descriptionError(
        'too-deep',
        '#',
        `more than ${deepestText} brackets within each other`,
        'No real schema has them; check where it came from.',
      )
  }
}
