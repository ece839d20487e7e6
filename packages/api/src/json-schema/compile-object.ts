import type { Compiler, Side, Standing } from './compiler.ts'
import type { FieldSchema } from './field-schema.ts'
import { copyJson, setOwn } from './json-value.ts'
import { refuseUnknown } from './unknown-field.ts'
import { accept, type Check, refused } from './validation-run.ts'

const missing = 'is missing'

/** The keywords for objects, applied to a value that is one. */
export function objectCheck(schema: FieldSchema, compiler: Compiler, standing: Standing): Check {
  const { properties, required, additionalProperties } = schema
  if (properties === undefined && required === undefined && additionalProperties === undefined) return accept
  return compiler.mode === 'strict' ? strictObject(schema, compiler, standing) : tolerantObject(schema, compiler)
}

type Fields = Record<string, unknown>

function strictObject(schema: FieldSchema, compiler: Compiler, standing: Standing): Check {
  const { additionalProperties: extra } = schema
  const properties = Object.entries(schema.properties ?? {})
  const isForeign = (property: FieldSchema): boolean => belongsToOther(property, compiler.side)
  const fields = new Map<string, Check>()
  const own: Record<string, FieldSchema> = Object.fromEntries(properties)
  for (const [name, property] of properties)
    fields.set(name, isForeign(property) ? foreignField[compiler.side] : compiler.compile(property, 'place'))
  const defaults = properties.filter(([, property]) => property.default !== undefined && !isForeign(property))
  const required = (schema.required ?? []).filter(
    (name) => !(Object.hasOwn(own, name) && isForeign(own[name] as FieldSchema)),
  )
  const closes =
    extra === false ||
    (extra === undefined && compiler.closed && standing === 'place' && schema.properties !== undefined)
  const others = typeof extra === 'object' ? compiler.compile(extra, 'place') : undefined

  return (value, run, named) => {
    const given = value as Fields
    const keys = Object.keys(given)
    if (!run.enter(keys.length)) return refused
    if (named !== undefined) {
      if (extra !== undefined) named.open = true
      else if (schema.properties !== undefined) named.sets.push(fields)
    }
    let filled: Fields | undefined
    let verdict = true
    for (const key of keys) {
      const field = given[key]
      if (field === undefined) continue
      let check = fields.get(key)
      if (check === undefined) {
        if (closes || key === '__proto__') {
          refuseUnknown(key, [fields], run)
          verdict = false
          continue
        }
        if (others === undefined) continue
        check = others
      }
      const start = run.findings.length
      const result = check(field, run)
      if (result === field) continue
      if (result === refused) {
        verdict = false
        run.within(start, key)
      } else {
        filled ??= { ...given }
        setOwn(filled, key, result)
      }
    }
    for (const [name, property] of defaults) {
      if (Object.hasOwn(given, name) && given[name] !== undefined) continue
      const start = run.findings.length
      const result = fields.get(name)?.(copyJson(property.default), run)
      run.within(start, name)
      if (result === refused) verdict = false
      else {
        filled ??= { ...given }
        setOwn(filled, name, result)
      }
    }
    for (const name of required) {
      if (Object.hasOwn(given, name) && given[name] !== undefined) continue
      if (filled !== undefined && Object.hasOwn(filled, name) && filled[name] !== undefined) continue
      verdict = false
      run.refuse(missing, name)
    }
    run.leave()
    return verdict ? (filled ?? given) : refused
  }
}

const foreignField: Readonly<Record<Side, Check>> = {
  input: (_, run) => run.refuse('is set by the vendor alone; leave it out'),
  output: (_, run) => run.refuse('is never answered by the vendor'),
}

/** True for fields that only the other side writes. */
export function belongsToOther(property: FieldSchema, side: Side): boolean {
  return (side === 'input' ? property.readOnly : property.writeOnly) === true
}

function tolerantObject(schema: FieldSchema, compiler: Compiler): Check {
  const properties = Object.entries(schema.properties ?? {})
  const needed = new Set(schema.required)
  for (const [name, property] of properties) if (belongsToOther(property, compiler.side)) needed.delete(name)
  const fields = properties.map(([name, property]) => ({
    name,
    required: needed.has(name),
    check: compiler.compile(property, 'place'),
  }))
  const names = new Set(properties.map(([name]) => name))
  const free = [...needed].filter((name) => !names.has(name))
  const extra = schema.additionalProperties
  const others = typeof extra === 'object' ? compiler.compile(extra, 'place') : accept

  return (value, run) => {
    const given = value as Fields
    const keys = others === accept ? undefined : Object.keys(given)
    if (!run.enter(keys?.length ?? fields.length)) return refused
    let verdict = true
    const look = (name: string, check: Check): void => {
      const start = run.findings.length
      const result = check(given[name], run)
      if (run.findings.length !== start) run.within(start, name)
      if (result === refused) verdict = false
    }
    for (const { name, required, check } of fields) {
      const field = Object.hasOwn(given, name) ? given[name] : undefined
      if (field === undefined) {
        if (required) verdict = run.refuse(missing, name) !== refused
      } else if (field !== null || required) look(name, check)
    }
    for (const name of free) if (!Object.hasOwn(given, name)) verdict = run.refuse(missing, name) !== refused
    if (keys !== undefined) for (const key of keys) if (!names.has(key)) look(key, others)
    run.leave()
    return verdict ? given : refused
  }
}
