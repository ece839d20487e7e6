import type { IntegrationManifest, ManifestIssue } from '@patchbay/api/manifest'
import { type PatchbayError, patchbayError } from '@patchbay/core'

/** Issues that an error names; the command tells all. */
const most = 10

/** Checks a manifest that did not come with this package. The format and its checks are loaded for it. */
export async function checkedManifest(
  value: unknown,
  file: string,
  locate = (issue: ManifestIssue): ManifestIssue => issue,
): Promise<IntegrationManifest> {
  const { manifestSchema, lintManifest } = await import('@patchbay/api/manifest')
  const parsed = manifestSchema.safeParse(value)
  if (!parsed.success) throw refuse(file, parsed.error.issues as never)
  const issues = (await lintManifest(parsed.data)).filter(({ level }) => level === 'error')
  if (issues.length > 0) throw refuse(file, issues.map(locate))
  return parsed.data
}

type Told = Pick<ManifestIssue, 'path' | 'message'> & Partial<ManifestIssue>

/** The error for a manifest that is not valid. */
export function refuse(file: string, issues: readonly Told[]): PatchbayError {
  return patchbayError({
    kind: 'config',
    code: 'manifest-invalid',
    message: `${file} is no valid manifest; patchbay validate tells more`,
    issues: issues.slice(0, most).map(({ path, line, column, message, remedy }) => ({
      path: line === undefined ? path.join('.') : `${path.join('.')} (line ${line}, column ${column})`,
      message: remedy === undefined ? message : `${message} ${remedy}`,
    })),
  })
}
