import { type GraphQLOutputType, getNamedType, isListType, isNonNullType, isObjectType } from 'graphql'

/** A Relay connection, by its shape and not by its name (https://relay.dev/graphql/connections.htm). */
export interface ConnectionShape {
  readonly node: GraphQLOutputType
  /** How its records are reached: `nodes` where there is such a field, else `edges { node }`. */
  readonly by: 'nodes' | 'edges'
}

export function connectionOf(type: GraphQLOutputType): ConnectionShape | undefined {
  const named = getNamedType(type)
  if (!isObjectType(named)) return undefined
  const { pageInfo, nodes, edges } = named.getFields()
  const page = pageInfo === undefined ? undefined : getNamedType(pageInfo.type)
  if (page === undefined || !isObjectType(page)) return undefined
  const told = page.getFields()
  if (told.hasNextPage === undefined || told.endCursor === undefined) return undefined
  const node = nodes === undefined ? undefined : memberOf(nodes.type)
  if (node !== undefined) return { node, by: 'nodes' }
  const edge = edges === undefined ? undefined : memberOf(edges.type)
  const edgeType = edge === undefined ? undefined : getNamedType(edge)
  const inner = isObjectType(edgeType) ? edgeType.getFields().node : undefined
  return inner === undefined ? undefined : { node: inner.type, by: 'edges' }
}

function memberOf(type: GraphQLOutputType): GraphQLOutputType | undefined {
  const list = isNonNullType(type) ? type.ofType : type
  return isListType(list) ? list.ofType : undefined
}
