const linkPattern = /\s*<([^>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*))?)*)\s*(?:,|$)/y
const relationPattern = /;\s*rel\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))/i

/**
 * The target of the first link with this relation in Link header fields (RFC 8288 section 3), as written there; it may be relative to the
 * URL that answered. What follows a malformed link is ignored.
 */
export function linkTarget(header: string | readonly string[] | undefined, relation: string): string | undefined {
  for (const text of typeof header === 'string' ? [header] : (header ?? [])) {
    linkPattern.lastIndex = 0
    for (let match = linkPattern.exec(text); match !== null; match = linkPattern.exec(text)) {
      const parameters = relationPattern.exec(match[2] ?? '')
      const relations = (parameters?.[1] ?? parameters?.[2] ?? '').toLowerCase().split(/\s+/)
      if (relations.includes(relation.toLowerCase())) return match[1]
      if (linkPattern.lastIndex >= text.length) break
    }
  }
  return undefined
}
