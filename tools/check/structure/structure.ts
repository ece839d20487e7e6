import type { CheckResult, Finding } from '../finding.ts'
import { connectorFolders } from './connector-folders.ts'
import { cycles } from './cycles.ts'
import { dependencies } from './dependencies.ts'
import { direction } from './direction.ts'
import { forbidden } from './forbidden.ts'
import { machineTraces } from './machine-traces.ts'
import { naming } from './naming.ts'
import { size } from './size.ts'
import { testPlaces } from './test-places.ts'
import { readTree, type Tree } from './tree.ts'
import { vendors } from './vendors.ts'

export const rules: Readonly<Record<string, (tree: Tree) => Finding[]>> = {
  size,
  naming,
  direction,
  cycles,
  forbidden,
  vendors,
  'connector-folders': connectorFolders,
  'test-places': testPlaces,
  dependencies,
  'machine-traces': machineTraces,
}

/** The architecture as rules over the files: who may import whom, what a file may do, where it stands and what it is called. */
export function structure(root: string): CheckResult {
  const tree = readTree(root)
  const findings = Object.entries(rules).flatMap(([name, rule]) =>
    rule(tree).map((finding) => ({ ...finding, message: `${finding.message} [${name}]` })),
  )
  const inPackages = tree.sources.filter((file) => file.path.startsWith('packages/')).length
  return {
    checked: `${Object.keys(rules).length} rules over ${tree.files.length} files, ${tree.sources.length} sources, ${inPackages} of them in packages`,
    findings,
  }
}
