import type { Manifest } from '../declarative/manifest-parts.ts'

/**
 * How an operation is proven. E1: it agrees with a description that the vendor publishes. E2: its path stands in a client that the vendor
 * generates. E3: an open protocol with vectors. E4: written down from the vendor's pages, not verified by a machine. E5: a server answered it.
 */
export type Level = 'E1' | 'E2' | 'E3' | 'E4' | 'E5'

const strength: readonly Level[] = ['E4', 'E3', 'E2', 'E1', 'E5']

/** The weaker of two levels: E4, E3, E2, E1, E5. */
export const weaker = (one: Level, other: Level): Level =>
  strength.indexOf(one) <= strength.indexOf(other) ? one : other

/** The kinds of facts that corrections name. */
export type Fact = NonNullable<Manifest['corrections']>[number]['fact']

/** Where manifest and source cannot both be right. */
export interface Contradiction {
  readonly fact: Fact
  /** Of the parameter, field or credential; empty when it is about the whole. */
  readonly name: string
  readonly message: string
}

/** What was found out about one operation. */
export interface OperationEvidence {
  readonly operation: string
  readonly level: Level
  /** The reference of the source that proves it; undefined for E4. */
  readonly source?: string | undefined
  /** How the source calls it: method and path. */
  readonly found?: string | undefined
  /** A server answered it in a test. */
  readonly live: boolean
  /** Contradictions that no correction explains. */
  readonly contradictions: readonly Contradiction[]
  /** Contradictions that a correction explains. */
  readonly corrected: readonly Contradiction[]
  /** Where the source does not say enough to tell. */
  readonly doubts: readonly string[]
  /** Why it is E4. */
  readonly reason?: string | undefined
}

/** What was found out about one manifest. */
export interface Evidence {
  readonly id: string
  /** The lowest level of its operations. */
  readonly level: Level
  readonly operations: readonly OperationEvidence[]
  /** How many contradictions corrections explain. */
  readonly corrected: number
  /** Contradictions, corrections that explain nothing, and sources whose facts are missing or of another document. */
  readonly problems: readonly string[]
}
