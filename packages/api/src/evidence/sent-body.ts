import type { FieldSchema } from '../json-schema/field-schema.ts'

export interface BodyPlace {
  /** Dotted. */
  readonly path: string
  readonly schema: FieldSchema
  /** Every request holds it. */
  readonly always: boolean
}

interface Node {
  readonly children: Map<string, Node>
  schema?: FieldSchema
  always: boolean
}

/**
 * The schema of bodies made of these places. Objects that hold something which is always sent are always there. Of two entries for one
 * place the later one goes before.
 * @param nested dots lead into objects; forms have none
 */
export function bodySchema(places: readonly BodyPlace[], nested: boolean): FieldSchema {
  const root: Node = { children: new Map(), always: true }
  for (const { path, schema, always } of places) {
    let node = root
    for (const key of nested ? path.split('.') : [path]) {
      const child: Node = node.children.get(key) ?? { children: new Map(), always: false }
      node.children.set(key, child)
      if (always) child.always = true
      node = child
    }
    node.schema = schema
  }
  return written(root)
}

function written({ children, schema }: Node): FieldSchema {
  if (schema !== undefined) return schema
  const entries = [...children]
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([key, child]) => [key, written(child)])),
    required: entries.filter(([, { always }]) => always).map(([key]) => key),
  }
}
