import type { ManifestPath } from '../issue.ts'
import type { Rule } from './rule.ts'

/** Ids of a list name one entry each. */
export const repeatedId: Rule = {
  code: 'repeated-id',
  check({ sources, deployments, credentials, limits }, report) {
    const lists: readonly (readonly [ManifestPath, readonly { readonly id: string }[]])[] = [
      [['sources'], sources],
      [['deployments'], deployments],
      [['credentials'], credentials],
      [['limits', 'budgets'], limits.budgets ?? []],
    ]
    for (const [path, list] of lists) {
      const seen = new Set<string>()
      for (const [index, { id }] of list.entries()) {
        if (seen.has(id))
          report([...path, index, 'id'], `The id "${id}" stands here twice.`, 'Give each entry its own id.')
        seen.add(id)
      }
    }
  },
}

/** Ways from every older version of the configuration to the present one, without holes or circles. */
export const migrationChain: Rule = {
  code: 'migration-chain',
  check({ connection = 1, migrations = [] }, report) {
    const from = new Set<number>()
    for (const [index, step] of migrations.entries()) {
      if (step.to <= step.from)
        report(
          ['migrations', index, 'to'],
          `A migration leads from ${step.from} to ${step.to}.`,
          'It must lead to a higher version.',
        )
      else if (step.to > connection)
        report(
          ['migrations', index, 'to'],
          `A migration leads to ${step.to}, and the connection has version ${connection}.`,
          `Set connection: ${step.to}.`,
        )
      from.add(step.from)
    }
    for (let version = 1; version < connection; version++)
      if (!from.has(version))
        report(
          ['connection'],
          `No migration leads on from version ${version}.`,
          `Add { from: ${version}, to: ${version + 1}, steps: [...] } to migrations.`,
        )
  },
}

/** What a machine reads is pinned, so that evidence means the same tomorrow. */
export const pinnedSource: Rule = {
  code: 'pinned-source',
  check({ sources }, report) {
    for (const [index, { kind, ref, sha256 }] of sources.entries()) {
      const path: ManifestPath = ['sources', index, 'ref']
      if (kind === 'documentation') {
        if (!ref.startsWith('https://')) report(path, 'Documentation is a page.', 'Give an https link.')
        continue
      }
      if (kind === 'protocol') {
        if (!/^(rfc:\d+|https:\/\/)/.test(ref))
          report(path, 'A protocol is an RFC or a page.', 'Write rfc:<number> or an https link.')
        continue
      }
      if (
        /^npm:(@[\w.-]+\/)?[\w.-]+@\d[\w.+-]*(#.+)?$/.test(ref) ||
        /^github:[\w.-]+\/[\w.-]+@[0-9a-f]{7,40}(:.+)?$/.test(ref)
      )
        continue
      if (/^(https|file):\/\//.test(ref) && sha256 !== undefined) continue
      report(
        path,
        `The ${kind} source does not say which version of the document it means.`,
        'Write npm:<package>@<version>#<path> or github:<owner>/<name>@<commit>:<path>, or add the sha256 of the document.',
      )
    }
  },
}

/** Texts in other languages translate texts that there are. */
export const textPaths: Rule = {
  code: 'text-path',
  check(manifest, report) {
    for (const [language, texts] of Object.entries(manifest.texts ?? {}))
      for (const path of Object.keys(texts))
        if (!leadsToText(manifest, path))
          report(
            ['texts', language, path],
            `"${path}" leads to no text of this manifest.`,
            'Write the dotted path of a text, such as operations.ticket.list.summary.',
          )
  },
}

/** Names may hold dots themselves, so every way to split the path is tried. */
function leadsToText(value: unknown, path: string): boolean {
  if (path === '') return typeof value === 'string'
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(
    ([key, inner]) =>
      (path === key && typeof inner === 'string') ||
      (path.startsWith(`${key}.`) && leadsToText(inner, path.slice(key.length + 1))),
  )
}
