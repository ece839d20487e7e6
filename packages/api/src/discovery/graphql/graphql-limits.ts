/** How far generated documents reach. What is left out is left out everywhere alike: documents of the same schema are the same. */
export interface GraphqlReadOptions {
  /** Levels of objects below the field of an operation. Default 3. */
  readonly depth?: number | undefined
  /** Most fields that one document selects. Default 120. */
  readonly fields?: number | undefined
  /** Also makes an operation of each Relay connection one level below a query's field, such as `repository.issues`. Default true. */
  readonly nestedConnections?: boolean | undefined
  /** Most operations. Default 5000. */
  readonly operations?: number | undefined
}

export interface GraphqlCaps {
  readonly depth: number
  readonly fields: number
  readonly nestedConnections: boolean
  readonly operations: number
}

export function graphqlCaps(options: GraphqlReadOptions = {}): GraphqlCaps {
  const { depth = 3, fields = 120, nestedConnections = true, operations = 5000 } = options
  return {
    depth: clamp(depth, 0, 10),
    fields: clamp(fields, 1, 2000),
    nestedConnections,
    operations: clamp(operations, 1, 50_000),
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.floor(Number.isFinite(value) ? value : least)))
}

/** Tokens of a schema in text; above it, it is refused before its tree fills the memory. */
export const mostTokens = 4_000_000
/** Brackets within brackets: the parser goes down one call for each. */
export const deepestText = 200
