import { type CallOptions, isPatchbayError, lazy, patchbayError } from '@patchbay/core'
import type { GraphQLSchema } from 'graphql'
import { isObject } from './input.ts'
import { introspectionDocument } from './introspection-document.ts'
import type { QueryConnection } from './relay-pages.ts'

/** What a server says about itself. The `graphql` library is loaded when text or schema are asked for. */
export interface Introspection {
  /** The answer as it came, `{ __schema: … }`: small enough to keep, and what `readGraphql` takes. */
  readonly result: Readonly<Record<string, unknown>>
  /** The schema as text, sorted, so that two of them can be compared. */
  sdl(): Promise<string>
  /** For tools. It is of this package's `graphql`: give `result` to a copy of your own. */
  schema(): Promise<GraphQLSchema>
}

/**
 * Asks the server for its schema: one `query.run`.
 * @throws PatchbayError `unsupported` (`introspection-off`) where the server does not answer that
 */
export async function introspect(connection: QueryConnection, options?: CallOptions): Promise<Introspection> {
  let data: unknown
  try {
    const answer = await connection.query.run({ document: introspectionDocument }, options)
    data = answer.data
  } catch (error) {
    // GRAPHQL_VALIDATION_FAILED, or whatever the server calls it: a document that is right everywhere was refused.
    if (isPatchbayError(error) && error.kind === 'invalid-input') throw switchedOff(error)
    throw error
  }
  if (!isObject(data) || !isObject(data.__schema)) throw switchedOff()
  return introspectionOf(data)
}

export function introspectionOf(result: Readonly<Record<string, unknown>>): Introspection {
  const schema = lazy(async () => {
    const { buildClientSchema } = await import('graphql')
    try {
      return buildClientSchema(result as never)
    } catch (error) {
      const message = 'the introspection of the server is no valid schema'
      throw patchbayError({ kind: 'protocol', code: 'bad-introspection', message, cause: error })
    }
  })
  return {
    result,
    schema,
    async sdl() {
      const { lexicographicSortSchema, printSchema } = await import('graphql')
      return printSchema(lexicographicSortSchema(await schema()))
    },
  }
}

function switchedOff(cause?: unknown): Error {
  const message =
    'the server does not tell its schema: introspection is switched off, so take the SDL that its owner publishes'
  return patchbayError({ kind: 'unsupported', code: 'introspection-off', message, cause })
}
