import type { ManifestIssue, ManifestPath } from '../issue.ts'
import { type IntegrationManifest, manifestSchema } from '../manifest.ts'
import { formatIssues } from './format-issues.ts'
import { mostIssues, parseText } from './parse-text.ts'

export interface ReadOptions {
  /** Named in issues. */
  readonly file?: string | undefined
}

export interface ReadManifest {
  /** Undefined when the text is not of the format. */
  readonly manifest: IntegrationManifest | undefined
  /** In the order of the text. */
  readonly issues: readonly ManifestIssue[]
  /** Adds file, line and column to an issue that knows only its path. */
  locate(issue: ManifestIssue): ManifestIssue
}

const inOrder = (a: ManifestIssue, b: ManifestIssue): number =>
  (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)

/**
 * Reads a manifest from YAML 1.2 or JSON of at most 2 MB and checks its format: closed, so an unknown key is an issue. Whether its parts
 * fit one another is the matter of {@link import('../lint/lint-manifest.ts').lintManifest}. Never throws for what the text holds.
 */
export function readManifest(text: string, { file }: ReadOptions = {}): ReadManifest {
  const parsed = parseText(text)
  const locate = (issue: ManifestIssue): ManifestIssue => ({
    ...issue,
    file,
    ...(issue.line === undefined ? parsed.place(issue.path) : {}),
  })
  if (parsed.issues.length > 0) return { manifest: undefined, issues: parsed.issues.map(locate).sort(inOrder), locate }
  const result = manifestSchema.safeParse(parsed.value)
  if (result.success) return { manifest: result.data, issues: [], locate }
  const issues = formatIssues(result.error.issues.slice(0, mostIssues), parsed.value)
  return { manifest: undefined, issues: issues.map(locate).sort(inOrder), locate }
}

/** In the order of the text. */
export const sortIssues = (issues: readonly ManifestIssue[]): ManifestIssue[] => issues.toSorted(inOrder)

export type { ManifestIssue, ManifestPath }
