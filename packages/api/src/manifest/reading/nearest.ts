import { nearestName } from '../../json-schema/nearest-name.ts'

/** `Did you mean "summary"?`, or the first of what there is. */
export function meant(word: string, known: Iterable<string>, what: string): string {
  const all = [...known]
  const near = nearestName(word, all)
  if (near !== undefined) return `Did you mean "${near}"?`
  if (all.length === 0) return `There are no ${what}; declare one.`
  return `The ${what} here: ${all.slice(0, 30).join(', ')}${all.length > 30 ? ', ...' : ''}.`
}
