import { Fault } from '@patchbay/core'
import { anchored, costOf, repeatsWithoutEnd, sizeOf } from './pattern-cost.ts'
import { PatternRefusal, parsePattern, type Sequence } from './pattern-syntax.ts'

/** A pattern that is safe to run on texts of others. */
export interface SafePattern {
  /** False when the text does not match or is longer than {@link longest}. */
  test(text: string): boolean
  /** UTF-16 units that are still matched in bounded time; longer texts are refused unseen. */
  readonly longest: number
  /** For generating texts that match. */
  readonly alternatives: readonly Sequence[]
}

/** Steps of a backtracking engine that one match may take at worst: some tens of milliseconds. */
const mostSteps = 4_000_000
const longestPattern = 1_000
/** Steps of a pattern with its counts written out. */
const mostSize = 20_000
const longestText = 1_000_000
/** A pattern that is only safe on shorter texts than this is of no use. */
const shortestUse = 64

const known = new Map<string, SafePattern>()
const mostKnown = 1_000

/**
 * Accepts the patterns that a backtracking engine matches in bounded time, by this rule:
 * - no references back, no looking ahead or behind, no flags in groups; valid with the `u` flag; at most 1,000 characters;
 * - at most 20,000 steps when counted repetitions are written out;
 * - a group that repeats without end must leave no choice: the next character decides each alternative and each repetition in it;
 * - the ways that are left, where a repetition and what follows it can take the same character, are counted (`pattern-cost.ts`), and
 *   the length of texts is bounded so that ways x length ^ degree stays under 4 million; under 64 characters the pattern is refused.
 *
 * So `^[\w-]+$`, `^\d+(\.\d+)*$` and `^[^@\s]+@[^@\s]+\.[^@\s]+$` pass; `^(a+)+$`, `(a|a)*` and `^.*,.*,.*,.*,.*$` do not.
 * @throws Fault `config` that says what to write instead.
 */
export function safePattern(source: string): SafePattern {
  const before = known.get(source)
  if (before !== undefined) return before
  const made = makePattern(source)
  if (known.size >= mostKnown) known.clear()
  known.set(source, made)
  return made
}

function makePattern(source: string): SafePattern {
  if (source.length > longestPattern) throw refused(source, `is longer than ${longestPattern} characters; shorten it`)
  let expression: RegExp
  let alternatives: readonly Sequence[]
  try {
    expression = new RegExp(source, 'u')
    alternatives = parsePattern(source)
  } catch (error) {
    if (error instanceof PatternRefusal) throw refused(source, error.message)
    throw refused(source, 'is no regular expression with the u flag; escape only characters that have a meaning')
  }
  if (sizeOf(alternatives) > mostSize)
    throw refused(source, 'repeats its parts too often; limit the length with maxLength')
  const { ways, degree } = costOf(alternatives)
  const steps = degree + (anchored(alternatives) ? 0 : 1) + (repeatsWithoutEnd(alternatives) ? 1 : 0)
  const longest = steps === 0 && ways <= mostSteps ? longestText : Math.floor((mostSteps / ways) ** (1 / steps))
  if (!(longest >= shortestUse)) {
    const remedy =
      'begin it with ^, let what follows a repetition differ from it, and put no choice into a repeated group'
    throw refused(source, `can take too long on some texts; ${remedy}`)
  }
  return {
    longest: Math.min(longest, longestText),
    alternatives,
    test: (text) => text.length <= Math.min(longest, longestText) && expression.test(text),
  }
}

function refused(source: string, message: string): Fault {
  const shown = source.length > 80 ? `${source.slice(0, 80)}…` : source
  return new Fault({ kind: 'config', issues: [{ path: 'pattern', message: `${JSON.stringify(shown)} ${message}` }] })
}
