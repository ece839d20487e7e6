import { ownPrefixes } from '../../connectors/soap/schema/read-schema-data.ts'
import type {
  ComplexData,
  ElementData,
  ParticleData,
  SchemaData,
  TypeReferenceData,
} from '../../connectors/soap/schema/schema-data.ts'
import { expandedName } from '../../connectors/soap/xml/names.ts'

type Kind = 'elements' | 'types' | 'groups'

/** The part of a description's XML schemas to which the written messages lead. */
export class XmlPart {
  readonly #all: SchemaData
  /** By full names: what operations name. */
  readonly #keys: ReadonlyMap<string, string>
  /** By what may stand for it: types that are derived from a type, elements that substitute an element. */
  readonly #standIns = new Map<string, string[]>()
  /** Whose stand-ins have been taken: what is only the base of another type stands nowhere itself. */
  readonly #open = new Set<string>()
  #bytes = 0
  readonly #found: Readonly<Record<Kind, Map<string, unknown>>> = {
    elements: new Map(),
    types: new Map(),
    groups: new Map(),
  }

  /** @param derived whether types come along that answers and callers may name in the place of declared ones */
  constructor(all: SchemaData, derived: boolean) {
    this.#all = all
    this.#keys = new Map(Object.keys(all.elements).map((key) => [fullName(all.prefixes, key), key]))
    const add = (head: string, member: string): void => {
      const members = this.#standIns.get(head) ?? []
      members.push(member)
      this.#standIns.set(head, members)
    }
    for (const [key, { substitutes }] of Object.entries(all.elements))
      if (substitutes !== undefined) add(`elements ${substitutes}`, key)
    if (!derived) return
    for (const [key, type] of Object.entries(all.types ?? {}))
      if ('simple' in type === false && typeof type.base === 'string') add(`types ${type.base}`, key)
  }

  /** How the set calls an element. */
  nameOf(full: string): string {
    return this.#keys.get(full) ?? full
  }

  /** About how long it is as indented JSON. */
  get bytes(): number {
    return this.#bytes
  }

  /** Takes an element with all that it leads to. */
  add(full: string): void {
    const waiting: [Kind, string, boolean][] = [['elements', this.nameOf(full), true]]
    const lead: Lead = (kind, name, alone = false) => {
      waiting.push([kind, name, !alone])
    }
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const [kind, name, standIns] = at
      const key = `${kind} ${name}`
      if (standIns && !this.#open.has(key)) {
        this.#open.add(key)
        for (const member of this.#standIns.get(key) ?? []) waiting.push([kind, member, true])
      }
      const part = this.#own(kind, name)
      if (part === undefined || this.#found[kind].has(name)) continue
      this.#found[kind].set(name, part)
      this.#bytes += (JSON.stringify(part, null, 2).length + name.length) * 1.5 + 20
      if (kind === 'elements') fromElement(part as ElementData, lead)
      else if (kind === 'types') fromType(part as TypeReferenceData, lead)
      else fromParticle(part as ParticleData, lead)
    }
  }

  write(): SchemaData {
    const { elements, types, groups } = this.#found
    const used = new Set<string>()
    const text = JSON.stringify([...elements, ...types, ...groups])
    for (const [, prefix = ''] of text.matchAll(/"([A-Za-z_][\w.-]*):[^":]+"/g)) used.add(prefix)
    const sorted = <Data>(found: ReadonlyMap<string, unknown>): Record<string, Data> =>
      Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1))) as Record<string, Data>
    return {
      prefixes: Object.fromEntries(Object.entries(this.#all.prefixes).filter(([prefix]) => used.has(prefix))),
      elements: sorted(elements),
      ...(types.size === 0 ? {} : { types: sorted(types) }),
      ...(groups.size === 0 ? {} : { groups: sorted(groups) }),
    }
  }

  #own(kind: Kind, name: string): unknown {
    const parts = this.#all[kind] ?? {}
    return Object.hasOwn(parts, name) ? parts[name] : undefined
  }
}

/** Descriptions hold names that XML does not allow; what is written of them, the format of manifests refuses. */
function fullName(prefixes: SchemaData['prefixes'], key: string): string {
  const colon = key.indexOf(':')
  const prefix = key.slice(0, Math.max(colon, 0))
  const known = [prefixes, ownPrefixes].find((one) => Object.hasOwn(one, prefix))
  return known === undefined ? key : expandedName(known[prefix] ?? '', key.slice(colon + 1))
}

/** `alone`: nothing else may stand in its place. */
type Lead = (kind: Kind, name: string, alone?: boolean) => void

function fromElement({ type, substitutes }: ElementData, lead: Lead): void {
  if (type !== undefined) fromType(type, lead)
  if (substitutes !== undefined) lead('elements', substitutes)
}

function fromType(type: TypeReferenceData, lead: Lead): void {
  if (typeof type === 'string') {
    lead('types', type)
    return
  }
  if (typeof type.base === 'string') lead('types', type.base, true)
  else if (type.base !== undefined) fromType(type.base, lead)
  if ('simple' in type) for (const member of type.members ?? []) fromType(member, lead)
  else fromComplex(type, lead)
}

function fromComplex({ content, attributes }: ComplexData, lead: Lead): void {
  if (content !== undefined) fromParticle(content, lead)
  for (const { type } of Object.values(attributes ?? {})) if (type !== undefined) fromType(type, lead)
}

function fromParticle(particle: ParticleData, lead: Lead): void {
  if ('element' in particle) fromElement(particle, lead)
  else if ('ref' in particle) lead('elements', particle.ref)
  else if ('group' in particle) lead('groups', particle.group)
  else
    for (const part of 'sequence' in particle
      ? particle.sequence
      : 'choice' in particle
        ? particle.choice
        : 'all' in particle
          ? particle.all
          : [])
      fromParticle(part, lead)
}
