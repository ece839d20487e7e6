/** A place in a manifest: keys of objects and indexes of lists. */
export type ManifestPath = readonly (string | number)[]

/** Something that is wrong with a manifest, told like a compiler tells it. */
export interface ManifestIssue {
  /** `error`: the manifest must not be used. */
  readonly level: 'error' | 'warning'
  /** Stable and kebab-case, such as `unknown-key`. */
  readonly code: string
  readonly path: ManifestPath
  /** What is wrong. */
  readonly message: string
  /** What to do about it. */
  readonly remedy: string
  readonly file?: string | undefined
  /** From 1. Absent when the issue came without a text. */
  readonly line?: number | undefined
  /** From 1. */
  readonly column?: number | undefined
}

const plain = /^[A-Za-z_$][\w$-]*$/

/** `operations["ticket.list"].input.status`, for people. */
export function pathText(path: ManifestPath): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`
      if (!plain.test(part)) return `[${JSON.stringify(part)}]`
      return index === 0 ? part : `.${part}`
    })
    .join('')
}

/** `manifest.yaml:12:5 unknown-key "summry" is not a key here. Did you mean "summary"?` */
export function issueText(issue: ManifestIssue): string {
  const { file = 'manifest', line, column, code, level, message, remedy } = issue
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`
  return `${place} ${level === 'warning' ? 'warning ' : ''}${code} ${message} ${remedy}`
}
