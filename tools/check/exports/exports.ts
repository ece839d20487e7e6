import type { CheckResult } from '../finding.ts'
import { withPacked } from '../pack.ts'
import { readPackages, subpathsOf } from '../workspace.ts'
import { archiveLint } from './archive-lint.ts'
import { builtFiles } from './built-files.ts'
import { resolvedTypes } from './resolved-types.ts'

/** What users get when they install: built files, package.json as tools read it, and types as every resolver finds them. */
export async function exportsCheck(root: string): Promise<CheckResult> {
  const packages = readPackages(root)
  const files = packages.flatMap((one) => builtFiles(root, one))
  const archives = await withPacked(root, async (packed) => {
    const findings = []
    for (const one of packed) findings.push(...(await archiveLint(root, one)), ...resolvedTypes(one))
    return findings
  })
  const subpaths = packages.flatMap((one) => subpathsOf(root, one)).length
  return {
    checked: `${packages.length} packages, ${subpaths} subpaths: built files, publint, attw`,
    findings: [...files, ...archives],
  }
}
