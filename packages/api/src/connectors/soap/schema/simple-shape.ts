import { Fault } from '@patchbay/core'
import { splitName } from '../xml/names.ts'
import { builtinOf, type ValueKind } from './builtin-types.ts'
import type { TypeReference } from './schema-model.ts'
import type { SchemaSet } from './schema-set.ts'

/** A simple type with all it inherits, flat: what reading and writing a text needs. */
export type SimpleShape = AtomicShape | ListShape | UnionShape

export interface AtomicShape {
  readonly variety: 'atomic'
  readonly builtin: string
  readonly kind: Exclude<ValueKind, 'list'>
  readonly keepsSpace: boolean
  readonly enumeration: ReadonlySet<string> | undefined
}
export interface ListShape {
  readonly variety: 'list'
  readonly item: SimpleShape
}
export interface UnionShape {
  readonly variety: 'union'
  readonly members: readonly SimpleShape[]
}

const deepest = 50

/** @throws Fault `config` for a type that never ends, or that is no simple one */
export function simpleShape(schemas: SchemaSet, reference: TypeReference, depth = 0): SimpleShape {
  const type = schemas.type(reference)
  if (depth > deepest) throw refused('defines a simple type by itself')
  if (type.variety === 'builtin') return builtinShape(type.builtin)
  if (type.variety === 'complex') {
    if (type.content === 'simple' && type.base !== undefined) return simpleShape(schemas, type.base, depth + 1)
    throw refused(`uses the complex type ${nameOf(reference)} where a simple one must stand`)
  }
  if (type.variety === 'union') return union(type.members.map((member) => simpleShape(schemas, member, depth + 1)))
  const base = type.base === undefined ? builtinShape('string') : simpleShape(schemas, type.base, depth + 1)
  if (type.variety === 'list') return { variety: 'list', item: base }
  if (base.variety !== 'atomic') return base
  return {
    ...base,
    keepsSpace: type.whiteSpace === undefined ? base.keepsSpace : type.whiteSpace !== 'collapse',
    enumeration: type.enumeration === undefined ? base.enumeration : new Set(type.enumeration),
  }
}

function union(members: readonly SimpleShape[]): UnionShape {
  const flat = members.flatMap((member) => (member.variety === 'union' ? member.members : [member]))
  if (flat.length > 1000) throw refused('defines a union of more than 1000 types')
  return { variety: 'union', members: flat }
}

function builtinShape(builtin: string): SimpleShape {
  const { kind, keepsSpace = false } = builtinOf(builtin)
  if (kind === 'list') return { variety: 'list', item: builtinShape('token') }
  return { variety: 'atomic', builtin, kind: kind === 'any' ? 'text' : kind, keepsSpace, enumeration: undefined }
}

function nameOf(reference: TypeReference): string {
  return typeof reference === 'string' ? splitName(reference).local : 'without a name'
}

function refused(message: string): Fault {
  return new Fault({ kind: 'config', code: 'wsdl', sent: 'none', issues: [{ path: 'wsdl', message }] })
}
