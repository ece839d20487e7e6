import type { SimpleShape } from '../schema/simple-shape.ts'

/** `input`: what callers may pass. `output`: what they get. */
export type Side = 'input' | 'output'

/** The TypeScript type of a simple type's values. `imports` takes what it needs of `@patchbay/api/soap`. */
export function scalarType(shape: SimpleShape, side: Side, imports: Set<string>): string {
  if (shape.variety === 'list') {
    const item = scalarType(shape.item, side, imports)
    return `readonly ${item.includes('|') ? `(${item})` : item}[]`
  }
  if (shape.variety === 'union') {
    const members = [...new Set(shape.members.map((member) => scalarType(member, side, imports)))]
    return members.length === 0 ? 'string' : members.join(' | ')
  }
  const { kind, builtin, enumeration } = shape
  if (enumeration !== undefined && (kind === 'text' || kind === 'any')) {
    const values = [...enumeration].map((value) => JSON.stringify(value))
    // A later version of the service may answer with values that this WSDL does not know.
    return side === 'input' ? values.join(' | ') : [...values, '(string & {})'].join(' | ')
  }
  const input = side === 'input'
  switch (kind) {
    case 'boolean':
      return 'boolean'
    case 'number':
    case 'float':
      return 'number'
    case 'exact':
      return input ? 'string | number | bigint' : 'string'
    case 'base64':
      if (!input) return 'Uint8Array'
      imports.add('SoapAttachment')
      return 'Uint8Array | SoapAttachment | string'
    case 'hex':
      return input ? 'Uint8Array | string' : 'Uint8Array'
    default:
      return input && builtin === 'dateTime' ? 'string | Date' : 'string'
  }
}
