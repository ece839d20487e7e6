import type { SeededRandom } from '@patchbay/core/testing'
import type { Row } from '../../report.ts'
import type { KillPoint } from './kill-point.ts'

export interface SubjectSettings {
  /** Where its files lie. */
  readonly folder: string
  readonly random: SeededRandom
  /** Options for the processes of its lives. */
  readonly nodeOptions: readonly string[]
  /** The guarantee that its lives break; undefined: none. */
  readonly sabotage: string | undefined
}

/** What is killed: processes over one set of files, and the other side, which lives through it all and knows the truth. */
export interface Subject {
  /** Lives until the point, and one more death. `arrived` is false when the life never got there and was killed where it stood. */
  kill(point: KillPoint, life: number): Promise<{ readonly arrived: boolean }>
  /** Lets all that was begun come to its end in one more life, and holds the files against the truth. Gives what is wrong, in words. */
  settle(life: number): Promise<readonly string[]>
  /** What came of it so far, except for the kills. */
  rows(): readonly Row[]
  close(): Promise<void>
}
