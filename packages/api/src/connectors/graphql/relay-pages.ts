import { type CallOptions, type ConnectionBase, type Pages, paginate, patchbayError } from '@patchbay/core'
import { pathReader } from '@patchbay/core/http'
import type { GraphqlDocument, GraphqlVariables } from './document.ts'
import { type GraphqlResult, isObject, type Run, type RunInput, type RunSettings } from './input.ts'

/** What stands at a dotted path of a type. */
type At<Data, Path extends string> = Path extends `${infer First}.${infer Rest}`
  ? At<Field<Data, First>, Rest>
  : Field<Data, Path>
type Field<Data, Name extends string> = Name extends keyof NonNullable<Data> ? NonNullable<Data>[Name] : unknown

/** The records of a Relay connection: its `nodes`, or the `node` of each of its `edges`. */
type NodeOf<Connection> =
  NonNullable<Connection> extends { readonly nodes?: infer Nodes }
    ? NonNullable<NonNullable<Nodes> extends readonly (infer Node)[] ? Node : never>
    : NonNullable<Connection> extends { readonly edges?: infer Edges }
      ? NodeOfEdge<NonNullable<Edges> extends readonly (infer Edge)[] ? Edge : never>
      : unknown
type NodeOfEdge<Edge> = NonNullable<Edge> extends { readonly node?: infer Node } ? NonNullable<Node> : never

/** The type of the records that {@link pages} gives. Of an untyped document it is unknown. */
export type ConnectionNode<Data, Path extends string> = unknown extends Data ? unknown : NodeOf<At<Data, Path>>

export interface PagesOptions<Path extends string> extends RunSettings {
  /** Where the connection is in the data, such as `repository.issues`. It must select `pageInfo` and `nodes` or `edges { node }`. */
  readonly at: Path
  /** `backward` reads from the end: `pageInfo { hasPreviousPage startCursor }`, and the records of each page last first. Default `forward`. */
  readonly direction?: 'forward' | 'backward' | undefined
  /** Variable that takes the cursor. Default `after`, backward `before`. */
  readonly cursorVariable?: string | undefined
  /** For each page. */
  readonly call?: CallOptions | undefined
}

/** As much of a GraphQL connection as is needed here. */
export interface QueryConnection extends Pick<ConnectionBase<unknown>, '$scope'> {
  readonly query: { readonly run: Run }
}

/**
 * The records of a Relay connection (https://relay.dev/graphql/connections.htm), page by page: each page is one `query.run` under the
 * policies. Cursors are the server's; null records, which the specification allows, are left out.
 */
export function pages<Data, Variables, Path extends string>(
  connection: QueryConnection,
  document: GraphqlDocument<Data, Variables>,
  variables: NoInfer<Variables>,
  options: PagesOptions<Path>,
): Pages<ConnectionNode<Data, Path>, GraphqlResult<Data>> {
  const { at, direction = 'forward', cursorVariable, call, ...settings } = options
  const variable = cursorVariable ?? (direction === 'forward' ? 'after' : 'before')
  const place = connectionReader(at, direction)
  const fetch = (given: GraphqlVariables): Promise<GraphqlResult<Data>> => {
    const input = { ...settings, document, variables: given } as RunInput
    return connection.query.run(input, call) as Promise<GraphqlResult<Data>>
  }
  return paginate(
    (variables ?? {}) as GraphqlVariables,
    fetch,
    ({ data }) => place(data).nodes as ConnectionNode<Data, Path>[],
    ({ data }, given) => {
      const { next } = place(data)
      return next === undefined ? undefined : { ...given, [variable]: next }
    },
  )
}

/** A page of a connection, and where it goes on. */
export interface ConnectionPage {
  readonly nodes: readonly unknown[]
  /** Cursor of the following page; undefined after the last. */
  readonly next: string | undefined
  /** Cursor of this page's end, also of the last one. */
  readonly end: string | undefined
}

/** Reads connections at a path. What is missing there is named, so that the document can be mended. */
export function connectionReader(at: string, direction: 'forward' | 'backward'): (data: unknown) => ConnectionPage {
  const read = pathReader(at)
  const steps = at.split('.')
  const ways = steps
    .map((_, index) => steps.slice(0, index + 1).join('.'))
    .map((way) => ({ way, read: pathReader(way) }))
  const [more, cursor] = direction === 'forward' ? ['hasNextPage', 'endCursor'] : ['hasPreviousPage', 'startCursor']
  return (data) => {
    const found = read(data)
    const missing = isObject(found) ? undefined : ways.find((one) => one.read(data) === null)
    if (missing !== undefined) throw notThere(missing.way)
    if (!isObject(found)) throw unreadable(at, 'is no connection: check the path and the document')
    const { pageInfo } = found
    if (!isObject(pageInfo) || typeof pageInfo[more] !== 'boolean')
      throw unreadable(`${at}.pageInfo`, `must be selected: pageInfo { ${more} ${cursor} }`)
    const nodes = nodesOf(found, at)
    const end = pageInfo[cursor]
    if (pageInfo[more] && (typeof end !== 'string' || end === ''))
      throw unreadable(`${at}.pageInfo.${cursor}`, 'is missing although there is a further page: select it')
    return {
      nodes: direction === 'forward' ? nodes : nodes.toReversed(),
      next: pageInfo[more] ? (end as string) : undefined,
      end: typeof end === 'string' && end !== '' ? end : undefined,
    }
  }
}

function nodesOf({ nodes, edges }: Readonly<Record<string, unknown>>, at: string): readonly unknown[] {
  const found = Array.isArray(nodes)
    ? nodes
    : Array.isArray(edges)
      ? edges.map((edge: unknown) => (isObject(edge) ? edge.node : undefined))
      : undefined
  if (found === undefined) throw unreadable(at, 'must select nodes, or edges { node }')
  return found.filter((node) => node !== null && node !== undefined)
}

function unreadable(path: string, message: string): Error {
  return patchbayError({ kind: 'protocol', code: 'no-connection', sent: 'all', issues: [{ path, message }] })
}

function notThere(at: string): Error {
  const message = 'is null: it does not exist, or the credential may not see it'
  return patchbayError({ kind: 'not-found', code: 'no-connection', sent: 'all', issues: [{ path: at, message }] })
}
