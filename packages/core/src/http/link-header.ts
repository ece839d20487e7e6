const targetPattern = /[\s,]*<([^>]*)>/y
const parameterPattern = /\s*;\s*([^\s=;,"]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/y

/** A parameter of a link, such as `results="true"`. The name's case does not matter, the value's does. */
export interface LinkParameter {
  readonly name: string
  readonly equals: string
}

/**
 * The target of the first link with this relation in Link header fields (RFC 8288 section 3), as written there; it may be relative to the
 * URL that answered. What follows a malformed link is ignored.
 * @param only links without this parameter do not count
 */
export function linkTarget(
  header: string | readonly string[] | undefined,
  relation: string,
  only?: LinkParameter,
): string | undefined {
  const wanted = relation.toLowerCase()
  for (const text of typeof header === 'string' ? [header] : (header ?? [])) {
    let at = 0
    for (;;) {
      targetPattern.lastIndex = at
      const target = targetPattern.exec(text)
      if (target === null) break
      const { relations, fits, end } = parametersAt(text, targetPattern.lastIndex, only)
      if (fits && relations.includes(wanted)) return target[1]
      at = end
    }
  }
  return undefined
}

/** The relation types of a link, and whether it has the parameter; only the first `rel` counts. */
function parametersAt(text: string, from: number, only: LinkParameter | undefined) {
  let relations: readonly string[] | undefined
  let fits = only === undefined
  let end = from
  for (;;) {
    parameterPattern.lastIndex = end
    const parameter = parameterPattern.exec(text)
    if (parameter === null) return { relations: relations ?? [], fits, end }
    end = parameterPattern.lastIndex
    const name = parameter[1]?.toLowerCase()
    const value = parameter[2] ?? parameter[3] ?? ''
    if (name === only?.name.toLowerCase() && value === only?.equals) fits = true
    if (name === 'rel') relations ??= value.toLowerCase().split(/\s+/)
  }
}
