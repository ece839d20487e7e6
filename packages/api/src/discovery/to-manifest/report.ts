import type { Finding } from '../finding.ts'

export type Confidence = 'high' | 'medium' | 'low'

/** Something that the description does not say and that was decided for it. */
export interface Guess {
  /** Dotted path in the manifest, such as `operations.user.list.list.pagination`. */
  readonly place: string
  /** What was decided. */
  readonly decision: string
  readonly confidence: Confidence
  readonly because: string
}

/** An operation of the description that is not in the manifest. */
export interface LeftOut {
  readonly key: string
  readonly reason: string
}

/** What became of a description. */
export interface ImportReport {
  /** Operations that the description has. */
  readonly described: number
  readonly written: number
  readonly leftOut: readonly LeftOut[]
  /** In the order of the manifest. */
  readonly guesses: readonly Guess[]
  /** Of reading the description. */
  readonly findings: readonly Finding[]
  /** How far named schemas were followed; 0: outputs have no schema, so that the manifest stays below its size. */
  readonly schemaDepth: number
}

/** Collects guesses while a manifest is made. */
export class Guesses {
  readonly list: Guess[] = []

  add(place: string, decision: string, confidence: Confidence, because: string): void {
    this.list.push({ place, decision, confidence, because })
  }
}
