import type { Row } from './report.ts'

/** What the command line said. */
export interface BenchOptions {
  /** Start of all randomness: the same seed gives the same faults at the same points. */
  readonly seed: number
  /** How often to repeat; each bench has a default of its own. */
  readonly rounds: number | undefined
  /** A guarantee that the drill shall break, to show that it notices. */
  readonly sabotage?: string | undefined
  /** Progress for people, on stderr. */
  log(text: string): void
}

/** A bench (`<name>.bench.ts`) or a drill (`<name>.chaos.ts`) exports one of these under the name `bench`. */
export interface Bench {
  /** One line for the list. */
  readonly description: string
  run(options: BenchOptions): Promise<readonly Row[]>
}
