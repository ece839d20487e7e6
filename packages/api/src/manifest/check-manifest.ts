import type { ManifestIssue } from './issue.ts'
import { lintManifest } from './lint/lint-manifest.ts'
import type { IntegrationManifest } from './manifest.ts'
import { type ReadOptions, readManifest, sortIssues } from './reading/read-manifest.ts'

export interface CheckedManifest {
  /** Undefined when the text is not of the format. It may be there and still have issues. */
  readonly manifest: IntegrationManifest | undefined
  /** In the order of the text, each with its line and column. */
  readonly issues: readonly ManifestIssue[]
  /** No issue is an error. */
  readonly valid: boolean
}

/** {@link readManifest} and {@link lintManifest} over one text. Never throws for what the text holds. */
export async function checkManifest(text: string, options: ReadOptions = {}): Promise<CheckedManifest> {
  const { manifest, issues: ofFormat, locate } = readManifest(text, options)
  if (manifest === undefined) return { manifest, issues: ofFormat, valid: false }
  const issues = sortIssues((await lintManifest(manifest)).map(locate))
  return { manifest, issues, valid: issues.every(({ level }) => level === 'warning') }
}
