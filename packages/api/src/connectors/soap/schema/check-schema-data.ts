import { Fault } from '@patchbay/core'
import { type ExpandedName, splitName } from '../xml/names.ts'
import { planOf } from './content-plan.ts'
import { nameInData, schemasOfData } from './read-schema-data.ts'
import type { SchemaData } from './schema-data.ts'
import type { Particle, TypeReference } from './schema-model.ts'
import type { SchemaSet } from './schema-set.ts'
import { simpleShape } from './simple-shape.ts'

export interface SchemaDataIssue {
  /** Keys within the set. */
  readonly path: readonly string[]
  /** Continues "The schemas ...". */
  readonly message: string
}

/** What is wrong with the schemas of a manifest: names that lead nowhere, types that cannot be. */
export function schemaDataIssues(data: SchemaData): readonly SchemaDataIssue[] {
  const schemas = attempt(() => schemasOfData(data))
  if (typeof schemas === 'string') return [{ path: [], message: schemas }]
  const issues: SchemaDataIssue[] = []
  const look = (part: 'elements' | 'types' | 'groups', check: (name: ExpandedName) => void): void => {
    for (const key of Object.keys(data[part] ?? {})) {
      const message = attempt(() => check(nameInData(data.prefixes, key)))
      if (typeof message === 'string') issues.push({ path: [part, key], message })
    }
  }
  look('elements', (name) => {
    const { type, substitutes } = schemas.element(name)
    checkType(schemas, type)
    if (substitutes !== undefined) schemas.element(substitutes)
  })
  look('types', (name) => checkType(schemas, name, true))
  look('groups', (name) => checkParticle(schemas, schemas.group(name).particle))
  return issues
}

/** @throws Fault `config` */
function checkType(schemas: SchemaSet, reference: TypeReference, whole = false): void {
  const type = schemas.type(reference)
  // Named types are checked under their own names.
  if (typeof reference === 'string' && !whole) return
  if (type.variety === 'builtin') return
  if (type.variety !== 'complex') {
    simpleShape(schemas, reference)
    return
  }
  const plan = planOf(schemas, type)
  for (const { element } of plan.fields.values()) checkType(schemas, element.type)
}

function checkParticle(schemas: SchemaSet, particle: Particle | undefined): void {
  if (particle === undefined || particle.kind === 'any') return
  if (particle.kind === 'group') schemas.group(particle.reference)
  else if (particle.kind === 'element') {
    const { element } = particle
    if ('reference' in element) schemas.element(element.reference)
    else checkType(schemas, element.type)
  } else for (const part of particle.particles) checkParticle(schemas, part)
}

function attempt<T>(work: () => T): T | string {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return readable(error.facts.issues?.[0]?.message ?? 'cannot be used')
  }
}

/** Names without their namespaces, which make lines that nobody reads. */
const readable = (message: string): string =>
  message.replaceAll(/\{[^{}\s]*\}[^\s,]+/g, (name) => splitName(name).local)
