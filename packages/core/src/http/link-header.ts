const targetPattern = /[\s,]*<([^>]*)>/y
const parameterPattern = /\s*;\s*([^\s=;,"]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/y

/**
 * The target of the first link with this relation in Link header fields (RFC 8288 section 3), as written there; it may be relative to the
 * URL that answered. What follows a malformed link is ignored.
 */
export function linkTarget(header: string | readonly string[] | undefined, relation: string): string | undefined {
  const wanted = relation.toLowerCase()
  for (const text of typeof header === 'string' ? [header] : (header ?? [])) {
    let at = 0
    for (;;) {
      targetPattern.lastIndex = at
      const target = targetPattern.exec(text)
      if (target === null) break
      const { relations, end } = relationsAt(text, targetPattern.lastIndex)
      if (relations.includes(wanted)) return target[1]
      at = end
    }
  }
  return undefined
}

/** The relation types of a link; only its first `rel` counts. */
function relationsAt(text: string, from: number): { readonly relations: readonly string[]; readonly end: number } {
  let relations: readonly string[] | undefined
  let end = from
  for (;;) {
    parameterPattern.lastIndex = end
    const parameter = parameterPattern.exec(text)
    if (parameter === null) return { relations: relations ?? [], end }
    end = parameterPattern.lastIndex
    if (parameter[1]?.toLowerCase() !== 'rel') continue
    relations ??= (parameter[2] ?? parameter[3] ?? '').toLowerCase().split(/\s+/)
  }
}
