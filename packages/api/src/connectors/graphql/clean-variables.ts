import type { CleanText } from '@patchbay/core/http'
import type { GraphqlVariables } from './document.ts'

/** Shorter values are words like any other: taking them out would make half of the texts unreadable. */
const shortest = 4
const mostValues = 200

/**
 * Also takes the values of a request's variables out of the server's texts, which like to repeat them (`got invalid value "…"`). They are
 * looked for when there is a text to clean.
 */
export function withoutVariables(clean: CleanText, variables: GraphqlVariables | undefined): CleanText {
  if (variables === undefined) return clean
  let values: readonly string[] | undefined
  return (text) => {
    values ??= valuesIn(variables)
    let plain = text
    for (const value of values) plain = plain.replaceAll(value, '[variable]')
    return clean(plain)
  }
}

/** Texts among the variables, as they are and as JSON writes them, the longest first. */
function valuesIn(variables: GraphqlVariables): readonly string[] {
  const found = new Set<string>()
  const waiting: unknown[] = [variables]
  for (let at = 0; at < waiting.length && found.size < mostValues && at < 10 * mostValues; at++) {
    const value = waiting[at]
    if (typeof value === 'string') {
      if (value.length < shortest) continue
      found.add(value)
      found.add(JSON.stringify(value).slice(1, -1))
    } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
      waiting.push(...Object.values(value).slice(0, mostValues))
    }
  }
  return [...found].sort((a, b) => b.length - a.length)
}
