import { patchbayError } from '@patchbay/core'
import { elementOf, elements } from '../expression/reads.ts'
import { isObject, setOwn, toJsonText } from '../expression/values.ts'
import type { CompileContext } from './compile-context.ts'
import {
  type Back,
  type CompiledField,
  type Holder,
  objectBack,
  objectReader,
  put,
  type Read,
} from './compiled-field.ts'
import { conversionOf, tableOf } from './conversion.ts'
import { backTo, claim, type Place } from './place.ts'
import { checkRule, kindOf } from './rule-shape.ts'
import type { DateRule, JsonValue, ListRule, ObjectRule, TableRule, ValueRule } from './spec.ts'
import { reportInvalid, reportUnknown } from './state.ts'

/** Rules inside one another, as deep as a spec may nest them. */
const deepest = 16

export function compileFields(
  context: CompileContext,
  specs: unknown,
  place: Omit<Place, 'written'> & { readonly written?: Map<string, string> },
): readonly (readonly [string, CompiledField])[] {
  if (!isObject(specs)) {
    context.issue(place.path, 'must be an object of fields')
    return []
  }
  const written = place.written ?? new Map<string, string>()
  const known = place.target === undefined ? undefined : context.target.fields(place.target)
  const required = place.target === undefined ? [] : context.target.required(place.target)
  for (const name of required) {
    if (!Object.hasOwn(specs, name))
      context.issue(`${place.path}.${name}`, 'the model requires this field; map it or give it a constant')
  }
  for (const sets of place.target === undefined ? [] : context.target.choices(place.target)) {
    if (sets.some((names) => names.every((name) => Object.hasOwn(specs, name)))) continue
    const words = sets.map((names) => names.join(' with ')).join(' or ')
    context.issue(place.path, `the model requires ${words}; map one of them or give it a constant`)
  }
  return Object.entries(specs).map(([name, spec]) => {
    const path = `${place.path}.${name}`
    const target = place.target === undefined ? undefined : context.target.at([name], place.target)
    if (target !== undefined && target.length === 0) {
      context.issue(path, `the model has no such field; it has ${known?.join(', ') ?? 'none'}`)
    }
    const field = place.field === '' ? name : `${place.field}.${name}`
    const keeps = (sibling: string): boolean => known === undefined || known.includes(sibling)
    return [
      name,
      compileField(context, spec, { ...place, path, field, target, written, depth: place.depth + 1 }, keeps),
    ]
  })
}

function compileField(
  context: CompileContext,
  spec: unknown,
  place: Place,
  keeps: (sibling: string) => boolean,
): CompiledField {
  if (place.depth > deepest) {
    context.issue(place.path, `is nested more than ${deepest} levels deep`)
    return { read: () => undefined, back: undefined }
  }
  const rule = typeof spec === 'string' ? { from: spec } : spec
  if (!checkRule(context, rule, place.path)) return { read: () => undefined, back: undefined }
  switch (kindOf(rule)) {
    case 'constant': {
      const { constant: given } = rule as { readonly constant: unknown }
      const constant = context.literal(given, place.target, `${place.path}.constant`)
      return { read: () => constant, back: () => undefined }
    }
    case 'object':
      return compileObject(context, rule as unknown as ObjectRule, place)
    case 'list':
      return compileList(context, rule as unknown as ListRule, place)
    case 'table':
      return compileTable(context, rule as unknown as TableRule, place, keeps)
    default:
      return compileValue(context, rule as unknown as ValueRule | DateRule, place)
  }
}

function compileValue(context: CompileContext, rule: ValueRule | DateRule, place: Place): CompiledField {
  const { path, field, target } = place
  const source = context.from(rule.from, place.origin, pathOf(rule, path), field, true)
  const types = context.sourceTypes(source.origin)
  const given = resultTypes(rule) ?? types
  context.checkTypes(given, target, path)
  const conversion = conversionOf(rule, types)
  const back = backTo(context, source.names, conversion.inverse, place)
  const { read } = source
  const fallback = context.literal(rule.default, target, `${path}.default`)
  if (!converts(rule)) {
    const vocabulary = target === undefined ? undefined : context.target.values(target)
    if (vocabulary === undefined) return { back, read: fallback === undefined ? read : withDefault(read, fallback) }
    const allowed = new Set(vocabulary)
    return {
      back,
      read(value, state, out) {
        const found = read(value, state, out)
        if (found === null || found === undefined) return fallback
        if (allowed.has(found)) return found
        reportUnknown(state, field, found)
        return fallback
      },
    }
  }
  const { convert } = conversion
  return {
    back,
    read(value, state, out) {
      const found = read(value, state, out)
      if (found === null || found === undefined) return fallback
      const converted = convert(found, state)
      if (converted !== undefined) return converted
      reportInvalid(state, field, 'the value cannot be converted')
      return fallback
    },
  }
}

function compileTable(
  context: CompileContext,
  rule: TableRule,
  place: Place,
  keeps: (sibling: string) => boolean,
): CompiledField {
  const { path, field, target } = place
  const { unknown = 'default' } = rule
  const fallback = context.literal(rule.default, target, `${path}.default`)
  const source = context.from(rule.from, place.origin, `${path}.from`, field, true)
  const values: Record<string, JsonValue> = {}
  for (const [key, value] of Object.entries(rule.table)) {
    setOwn(values, key, context.literal(value, target, `${path}.table.${key}`))
  }
  const keep = typeof unknown === 'object' ? unknown.keep : undefined
  if (keep !== undefined && !keeps(keep)) context.issue(`${path}.unknown.keep`, `the model has no field ${keep} here`)
  const table = tableOf({ ...rule, table: values }, context.sourceTypes(source.origin))
  const { read } = source
  return {
    back: backTo(context, source.names, table.inverse, place),
    read(value, state, out) {
      const found = read(value, state, out)
      if (found === null || found === undefined) return fallback
      const mapped = table.find(found)
      if (mapped !== undefined) return mapped
      if (unknown === 'error') {
        const message = `${field}: the source has a value that the table does not; add it, or set unknown to "default"`
        throw patchbayError({ kind: 'protocol', code: 'unknown-value', message })
      }
      reportUnknown(state, field, found)
      if (keep !== undefined) setOwn(out, keep, typeof found === 'string' ? found : toJsonText(found, state))
      return fallback
    },
  }
}

function compileObject(context: CompileContext, rule: ObjectRule, place: Place): CompiledField {
  const { path, target } = place
  context.checkTypes(new Set(['object']), target, path)
  if (rule.from === undefined) {
    const fields = compileFields(context, rule.object, { ...place, path: `${path}.object` })
    return { read: objectReader(fields, true), back: objectBack(fields) }
  }
  const source = context.from(rule.from, place.origin, `${path}.from`, place.field, false)
  const fields = compileFields(context, rule.object, {
    ...place,
    path: `${path}.object`,
    origin: source.origin,
    written: new Map(),
  })
  const build = objectReader(fields)
  const inner = objectBack(fields)
  const back: Back = (value, holder, lost, at) => {
    const part: Holder = { value: undefined }
    inner(value, part, lost, at)
    if (part.value !== undefined) put(holder, source.names as readonly string[], part.value)
  }
  return {
    read(value, state, out) {
      const found = source.read(value, state, out)
      return found === null || found === undefined ? undefined : build(found, state, out)
    },
    back: claim(context, source.names, place) ? back : undefined,
  }
}

function compileList(context: CompileContext, { list }: ListRule, place: Place): CompiledField {
  const { path, field, target } = place
  context.checkTypes(new Set(['array']), target, path)
  const source = context.from(list.from, place.origin, `${path}.list.from`, field, list.each === undefined)
  const types = context.sourceTypes(source.origin)
  if (types !== undefined && ![...types].some((type) => type === 'array')) {
    context.issue(
      `${path}.list.from`,
      `gives ${[...types].join(' or ')}, not a list; write to_array(...) or [...] around it`,
    )
  }
  const each: CompiledField =
    list.each === undefined
      ? { read: (value) => value, back: (value, holder) => put(holder, [], value) }
      : compileField(
          context,
          list.each,
          {
            path: `${path}.list.each`,
            field: `${field}[]`,
            depth: place.depth + 1,
            origin: elementOf(source.origin),
            target: target === undefined ? undefined : context.target.at([elements], target),
            written: new Map(),
          },
          () => false,
        )
  const read: Read = (value, state, out) => {
    const found = source.read(value, state, out)
    if (found === null || found === undefined) return undefined
    if (!Array.isArray(found)) {
      reportInvalid(state, field, 'the value is not a list')
      return undefined
    }
    const results: unknown[] = []
    for (const element of found) {
      const result = each.read(element, state, out)
      if (result !== null && result !== undefined) results.push(result)
    }
    return results
  }
  const back: Back = (value, holder, lost, at) => {
    if (!Array.isArray(value)) return
    const parts = value.map((element, index) => {
      const part: Holder = { value: undefined }
      each.back?.(element, part, lost, `${at}[${index}]`)
      return part.value ?? null
    })
    put(holder, source.names as readonly string[], parts)
  }
  return { read, back: each.back !== undefined && claim(context, source.names, place) ? back : undefined }
}

function converts(rule: ValueRule | DateRule): boolean {
  return 'date' in rule || rule.text !== undefined || rule.number !== undefined || rule.boolean !== undefined
}

function resultTypes(rule: ValueRule | DateRule): ReadonlySet<string> | undefined {
  if ('date' in rule) return new Set([(rule.date.to ?? 'iso') === 'iso' ? 'string' : 'integer'])
  if (rule.text !== undefined) return new Set(['string'])
  if (rule.number !== undefined) return new Set(['number'])
  return rule.boolean === undefined ? undefined : new Set(['boolean'])
}

function pathOf(rule: object, path: string): string {
  return Object.keys(rule).length === 1 ? path : `${path}.from`
}

function withDefault(read: Read, fallback: unknown): Read {
  return (value, state, out) => read(value, state, out) ?? fallback
}
