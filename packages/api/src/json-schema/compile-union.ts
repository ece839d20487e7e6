import type { Compiler } from './compiler.ts'
import { type FieldSchema, typesOf } from './field-schema.ts'
import { kindOf, sameJson } from './json-value.ts'
import { type Check, type Finding, type NamedFields, refused, type ValidationRun } from './validation-run.ts'

/**
 * `anyOf` and `oneOf`. In tolerant mode both mean "at least one": descriptions of vendors overlap where they did not mean to, and an
 * alternative that fits exactly is preferred to one that fits with departures.
 */
export function unionCheck(alternatives: readonly FieldSchema[], compiler: Compiler, need: 'any' | 'one'): Check {
  const checks = alternatives.map((schema) => compiler.compile(schema, 'part'))
  const explain = explainer(alternatives, checks, compiler)
  if (compiler.mode === 'tolerant') return tolerantUnion(checks, explain)
  return need === 'any' ? anyOf(checks, explain) : oneOf(checks, explain)
}

type Explain = (value: unknown, run: ValidationRun, named: NamedFields | undefined) => typeof refused

function anyOf(checks: readonly Check[], explain: Explain): Check {
  return (value, run, named) => {
    let chosen: unknown = refused
    for (const check of checks) {
      const result = attempt(check, value, run, named)
      if (result === refused) continue
      if (chosen === refused) chosen = result
      // Further alternatives that fit name further fields; nothing else depends on them.
      if (named === undefined) return chosen
    }
    return chosen === refused ? explain(value, run, named) : chosen
  }
}

function oneOf(checks: readonly Check[], explain: Explain): Check {
  return (value, run, named) => {
    let chosen: unknown = refused
    for (const check of checks) {
      const result = attempt(check, value, run, named)
      if (result === refused) continue
      if (chosen !== refused) return run.refuse('fits more than one of the alternatives; give the fields of one alone')
      chosen = result
    }
    return chosen === refused ? explain(value, run, named) : chosen
  }
}

function tolerantUnion(checks: readonly Check[], explain: Explain): Check {
  return (value, run) => {
    const start = run.findings.length
    let departing: Finding[] | undefined
    for (const check of checks) {
      const result = attempt(check, value, run, undefined)
      const departures = run.findings.splice(start)
      if (result === refused) continue
      if (departures.length === 0) return value
      departing ??= departures
    }
    if (departing === undefined) return explain(value, run, undefined)
    run.findings.push(...departing)
    return value
  }
}

/** One alternative, whose field names count only when it fits. */
function attempt(check: Check, value: unknown, run: ValidationRun, named: NamedFields | undefined): unknown {
  const sets = named?.sets.length ?? 0
  const open = named?.open ?? false
  const result = run.attempt(() => check(value, run, named))
  if (result === refused && named !== undefined) {
    named.sets.length = sets
    named.open = open
  }
  return result
}

/** The reasons of the one alternative that was meant, where its constants or its type tell; otherwise that none fits. */
function explainer(alternatives: readonly FieldSchema[], checks: readonly Check[], compiler: Compiler): Explain {
  return (value, run, named) => {
    // Inside another alternative nobody reads the reasons.
    if (run.quiet) return refused
    const meant = checks.filter((_, index) =>
      isMeant(compiler.resolve(alternatives[index] as FieldSchema), value, compiler),
    )
    const [only] = meant
    if (meant.length === 1 && only !== undefined && only(value, run, named) === refused) return refused
    const titles = alternatives.map((schema) => compiler.resolve(schema).title)
    const shown = titles.every((title) => title !== undefined) ? `: ${titles.join(', ')}` : ''
    return run.refuse(`fits none of the ${alternatives.length} alternatives${shown}`)
  }
}

function isMeant(schema: FieldSchema, value: unknown, compiler: Compiler): boolean {
  const types = typesOf(schema)
  const kind = kindOf(value)
  if (types !== undefined && !types.some((type) => type === kind || (type === 'integer' && kind === 'number')))
    return false
  if (kind !== 'object') return true
  return Object.entries(schema.properties ?? {}).every(([name, property]) => {
    const { const: constant } = compiler.resolve(property)
    return constant === undefined || sameJson(constant, (value as Record<string, unknown>)[name])
  })
}
