import type { ForeignSchema } from './schema-alternatives.ts'

/** Two schemas cannot both be right. */
export interface Contradiction {
  /** Of the value, dotted; `*` stands for each element or each further field. Empty for the whole. */
  readonly path: string
  /** What our schema says there. */
  readonly ours: string
  /** What theirs says there. */
  readonly theirs: string
  readonly message: string
}

/** A place where the schemas do not say enough to tell. */
export interface Doubt {
  readonly path: string
  readonly message: string
}

export interface Comparison {
  readonly contradictions: readonly Contradiction[]
  /** Empty: the answer is proven for every value. */
  readonly doubts: readonly Doubt[]
}

/** What one comparison has found so far. */
export class Findings implements Comparison {
  readonly contradictions: Contradiction[] = []
  readonly doubts: Doubt[] = []

  contradict(message: string, ours: string, theirs: string, path = ''): void {
    this.contradictions.push({ path, ours, theirs, message })
  }

  doubt(message: string, path = ''): void {
    this.doubts.push({ path, message })
  }

  /** Takes over what was found at a field or an element. */
  add(other: Comparison, key?: string): void {
    const within = (path: string): string => (key === undefined ? path : path === '' ? key : `${key}.${path}`)
    for (const one of other.contradictions) this.contradictions.push({ ...one, path: within(one.path) })
    for (const one of other.doubts) this.doubts.push({ ...one, path: within(one.path) })
  }
}

const deepest = 60
const mostPairs = 20_000

type Memory = { readonly index: number } | { readonly result: Comparison }

/**
 * Compares pairs of schemas, each once. A pair that is met again while it is under way counts as fitting: so a recursion ends. What was
 * found with the help of such an assumption is only remembered when the assumption was about the pair itself.
 */
export class Pairs {
  readonly #memories = new Map<ForeignSchema, Map<ForeignSchema, Memory>>()
  #depth = 0
  #count = 0
  #lowest = Number.POSITIVE_INFINITY

  compare(one: ForeignSchema, other: ForeignSchema, evaluate: () => Comparison): Comparison {
    const memories = this.#memories.get(one) ?? new Map<ForeignSchema, Memory>()
    this.#memories.set(one, memories)
    const memory = memories.get(other)
    if (memory !== undefined && 'result' in memory) return memory.result
    if (memory !== undefined) {
      this.#lowest = Math.min(this.#lowest, memory.index)
      return { contradictions: [], doubts: [] }
    }
    if (this.#depth > deepest || ++this.#count > mostPairs)
      return { contradictions: [], doubts: [{ path: '', message: 'lies too deep to be compared' }] }
    const index = this.#depth++
    const before = this.#lowest
    this.#lowest = Number.POSITIVE_INFINITY
    memories.set(other, { index })
    const result = evaluate()
    if (this.#lowest >= index) memories.set(other, { result })
    else memories.delete(other)
    this.#lowest = Math.min(before, this.#lowest >= index ? Number.POSITIVE_INFINITY : this.#lowest)
    this.#depth--
    return result
  }
}

/** The comparison of the alternative that comes nearest: none that is proven, then one with doubts, then the one with least to repair. */
export function nearest(comparisons: readonly Comparison[]): Comparison | undefined {
  return [...comparisons].sort(
    (one, other) => one.contradictions.length - other.contradictions.length || one.doubts.length - other.doubts.length,
  )[0]
}
