import type { Draws } from './draws.ts'
import type { CharacterSet, Sequence } from './pattern-syntax.ts'

/** A text that the pattern describes from end to end. Words' edges are not looked at: callers check the result. */
export function samplePattern(alternatives: readonly Sequence[], draws: Draws, extra: number): string {
  return draws
    .pick(alternatives)
    .map(({ atom, min, max }) => {
      if (atom.kind === 'edge') return ''
      const count = draws.whole(min, Math.min(max, min + extra))
      return Array.from({ length: count }, () =>
        atom.kind === 'set' ? sampleCharacter(atom.set, draws) : samplePattern(atom.alternatives, draws, extra),
      ).join('')
    })
    .join('')
}

/** Readable characters first. */
const preferred = [...'abcdefghijklmnopqrstuvwxyz0123456789', ...'ABCDEFGHIJKLMNOPQRSTUVWXYZ', ...'-_.:/ @#']

function sampleCharacter(set: CharacterSet, draws: Draws): string {
  const has = (code: number): boolean => (set.ascii & (1n << BigInt(code))) !== 0n
  const readable = preferred.filter((character) => has(character.charCodeAt(0)))
  if (readable.length > 0) return draws.pick(readable)
  const rest = Array.from({ length: 128 }, (_, code) => code).filter(has)
  return rest.length > 0 ? String.fromCharCode(draws.pick(rest)) : (set.literal ?? '\u00e9')
}
