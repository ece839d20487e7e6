import type { Manifest, OperationEntry } from '../declarative/manifest-parts.ts'
import { checkGraphql } from './check-graphql.ts'
import { checkOperation } from './check-operation.ts'
import { type Contradiction, type Evidence, type Level, type OperationEvidence, weaker } from './evidence.ts'
import type { ClientFacts, DescriptionFacts, GraphqlFacts, SourceFacts } from './facts.ts'
import { type Candidate, findIn, namedSource, wanted } from './matching.ts'
import { pathShape } from './path-shape.ts'
import { protocolOf } from './protocols.ts'

type SourceEntry = Manifest['sources'][number]
type Correction = NonNullable<Manifest['corrections']>[number]

export interface VerifyOptions {
  /** Names of operations that a server answered in a test, from a receipt. */
  readonly live?: Iterable<string> | undefined
}

/** What one source says about one operation. */
interface Finding {
  readonly level: Level
  readonly source: string
  readonly found: string
  readonly contradictions: readonly Contradiction[]
  readonly doubts: readonly string[]
}

const described: ReadonlySet<string> = new Set(['openapi', 'discovery', 'aws', 'graphql', 'wsdl', 'odata'])

/**
 * Computes what a manifest's operations are proven by. Sources are asked in the order of the manifest, the one that an operation names
 * first; the first that agrees decides. An operation that no source has is E4; one that a source has otherwise, and that no correction
 * explains, is a contradiction.
 * @param facts of the manifest's sources, in any order; those of others are ignored
 */
export function verify(manifest: Manifest, facts: readonly SourceFacts[], options: VerifyOptions = {}): Evidence {
  const live = new Set(options.live)
  const problems: string[] = []
  const sources = manifest.sources.map((entry) => ({ entry, facts: factsFor(entry, facts, problems) }))
  const explained = new Set<Correction>()
  const operations = Object.entries(manifest.operations).map(([name, operation]): OperationEvidence => {
    const named = namedSource(manifest, operation)
    const order = [...sources].sort(
      (one, other) => Number(other.entry.id === named.source) - Number(one.entry.id === named.source),
    )
    let contrary: (Finding & { readonly corrected: readonly Contradiction[] }) | undefined
    for (const source of order) {
      const finding = ask(manifest, operation, source.entry, source.facts, problems, name)
      if (finding === undefined) continue
      const corrections = new Map(finding.contradictions.map((one) => [one, correctionOf(manifest, name, one)]))
      const split = {
        ...finding,
        contradictions: finding.contradictions.filter((one) => corrections.get(one) === undefined),
        corrected: finding.contradictions.filter((one) => corrections.get(one) !== undefined),
      }
      for (const one of corrections.values()) if (one !== undefined) explained.add(one)
      if (split.contradictions.length === 0) return evidenceOf(name, split, live.has(name))
      contrary ??= split
    }
    if (contrary !== undefined) return evidenceOf(name, contrary, live.has(name))
    const missing = correctionOf(manifest, name, { fact: 'missing', name: '', message: '' })
    if (missing !== undefined) explained.add(missing)
    const machine = sources.some(({ entry }) => described.has(entry.kind) || entry.kind === 'client')
    return {
      operation: name,
      level: live.has(name) ? 'E5' : 'E4',
      live: live.has(name),
      contradictions: [],
      corrected: missing === undefined ? [] : [{ fact: 'missing', name: '', message: missing.reason }],
      doubts: [],
      reason: machine ? 'none of the sources has it' : 'there is no source that a machine can read',
    }
  })
  for (const { operation, contradictions } of operations)
    for (const { message } of contradictions) problems.push(`${operation}: ${message}`)
  for (const one of manifest.corrections ?? [])
    if (!explained.has(one))
      problems.push(
        `corrections: ${one.fact}${one.name === undefined ? '' : ` ${one.name}`} of ${one.operation ?? 'all operations'} explains no contradiction`,
      )
  return {
    id: manifest.id,
    level: operations.map(({ level }) => level).reduce(weaker, 'E5'),
    operations,
    corrected: operations.reduce((sum, { corrected }) => sum + corrected.length, 0),
    problems,
  }
}

function evidenceOf(
  operation: string,
  {
    level,
    source,
    found,
    contradictions,
    corrected,
    doubts,
  }: Finding & { readonly corrected: readonly Contradiction[] },
  live: boolean,
): OperationEvidence {
  return { operation, level: live ? 'E5' : level, source, found, live, contradictions, corrected, doubts }
}

function factsFor(entry: SourceEntry, facts: readonly SourceFacts[], problems: string[]): SourceFacts | undefined {
  const found = facts.find(({ ref }) => ref === entry.ref)
  if (found === undefined) {
    if (described.has(entry.kind) || entry.kind === 'client')
      problems.push(`sources ${entry.id}: there are no facts of ${entry.ref}`)
    return undefined
  }
  if (entry.sha256 === undefined || entry.sha256 === found.sha256) return found
  problems.push(
    `sources ${entry.id}: the facts are of another document (sha256 ${found.sha256.slice(0, 12)}..., not ${entry.sha256.slice(0, 12)}...)`,
  )
  return undefined
}

/** Of these there are many in one operation: a correction without a name explains what is said about the whole alone. */
const manyNames: ReadonlySet<string> = new Set(['parameter', 'body', 'response'])

function explains(one: Correction, operation: string, { fact, name }: Contradiction): boolean {
  if (one.fact !== fact || (one.operation !== undefined && one.operation !== operation)) return false
  // Of all operations at once only what stands before their paths can be wrong.
  if (fact === 'path' && one.operation === undefined) return name === 'prefix'
  if (one.name === undefined) return name === '' || !manyNames.has(fact)
  // All names of one operation, said in so many words.
  if (one.name === '*' && one.operation !== undefined) return true
  return one.name === name || name.startsWith(`${one.name}.`)
}

/** A correction of one operation goes before one of all. */
function correctionOf(manifest: Manifest, operation: string, contradiction: Contradiction): Correction | undefined {
  const able = (manifest.corrections ?? []).filter((one) => explains(one, operation, contradiction))
  return able.find((one) => one.operation === operation) ?? able[0]
}

function ask(
  manifest: Manifest,
  operation: OperationEntry,
  entry: SourceEntry,
  facts: SourceFacts | undefined,
  problems: string[],
  name: string,
): Finding | undefined {
  if (entry.kind === 'protocol') return ofProtocol(manifest, operation, entry)
  if (facts === undefined) return undefined
  if (facts.kind === 'graphql') return ofGraphql(manifest, operation, entry, facts)
  if (facts.kind === 'client') return ofClient(manifest, operation, entry, facts)
  return ofDescription(manifest, operation, entry, facts, problems, name)
}

function ofDescription(
  manifest: Manifest,
  operation: OperationEntry,
  entry: SourceEntry,
  facts: DescriptionFacts,
  problems: string[],
  name: string,
): Finding | undefined {
  const want = wanted(manifest, operation, entry.id)
  const candidates = Object.entries(facts.operations).map(([key, one]): Candidate & { key: string } => ({
    ...methodAndPath(key),
    id: one.id,
    servers: one.servers ?? facts.servers,
    key,
  }))
  const found = findIn(want, candidates)
  if (found !== undefined) {
    const theirs = facts.operations[found.key]
    if (theirs === undefined) return undefined
    const { contradictions, doubts } = checkOperation(manifest, operation, facts, theirs, found, want)
    return { level: 'E1', source: entry.ref, found: found.key, contradictions, doubts }
  }
  const other = findIn(
    { ...want, id: undefined },
    facts.others.map((key) => ({ ...methodAndPath(key), servers: facts.servers })),
  )
  if (other !== undefined)
    problems.push(`${name}: the facts of ${entry.ref} are older than the manifest; make them anew`)
  if (want.id === undefined) return undefined
  const message = `names ${want.id}, which the source does not have`
  return {
    level: 'E1',
    source: entry.ref,
    found: want.id,
    contradictions: [{ fact: 'missing', name: '', message }],
    doubts: [],
  }
}

export function methodAndPath(key: string): { readonly method: string; readonly path: string } {
  const [method = '', ...rest] = key.split(' ')
  return { method, path: rest.join(' ') }
}

function ofGraphql(
  manifest: Manifest,
  operation: OperationEntry,
  entry: SourceEntry,
  facts: GraphqlFacts,
): Finding | undefined {
  if (operation.graphql === undefined) return undefined
  const { source, id } = namedSource(manifest, operation)
  const { found, verdict } = checkGraphql(manifest, operation, facts, source === entry.id ? id : undefined)
  return { level: 'E1', source: entry.ref, found, contradictions: verdict.contradictions, doubts: verdict.doubts }
}

/** A path in a client is there or not; the methods beside it are compared when there are some. */
function ofClient(
  manifest: Manifest,
  operation: OperationEntry,
  entry: SourceEntry,
  facts: ClientFacts,
): Finding | undefined {
  const { method, paths, full } = wanted(manifest, operation, entry.id)
  const shapes = new Set([...paths, ...full])
  const found = Object.entries(facts.paths).filter(([path]) => shapes.has(pathShape(path)))
  const [first] = found
  if (first === undefined) return undefined
  const methods = new Set(found.flatMap(([, list]) => list))
  const contradictions: Contradiction[] =
    methods.size === 0 || methods.has(method)
      ? []
      : [{ fact: 'method', name: '', message: `sends ${method}; the client sends ${[...methods].join(', ')} there` }]
  const doubts = methods.size === 0 ? ['no method stands beside the path in the client'] : []
  return { level: 'E2', source: entry.ref, found: `${method} ${first[0]}`, contradictions, doubts }
}

function ofProtocol(manifest: Manifest, operation: OperationEntry, entry: SourceEntry): Finding | undefined {
  const { method, paths, full } = wanted(manifest, operation, entry.id)
  const found = protocolOf(entry.ref)?.find((one) => {
    const known = methodAndPath(one)
    return (
      known.method === method &&
      [...paths, ...full].some((path) => path === pathShape(known.path) || path.endsWith(pathShape(known.path)))
    )
  })
  return found === undefined ? undefined : { level: 'E3', source: entry.ref, found, contradictions: [], doubts: [] }
}
