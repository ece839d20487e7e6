import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type CheckResult, type Finding, problem } from '../finding.ts'
import { readPackages, type Subpath, subpathsOf, type WorkspacePackage } from '../workspace.ts'
import { reachOf, weightOf } from './bundle.ts'
import { loadedModules } from './loaded-modules.ts'
import { type Permission, permissionFor, permissions } from './permissions.ts'

const remedy =
  'Load it later, by a literal import() in the subpath that needs it, or decide otherwise in tools/check/bleed/permissions.ts.'

/** Importing one subpath loads nothing of its neighbours, and no library that it was not granted. */
export async function bleed(root: string, granted: readonly Permission[] = permissions): Promise<CheckResult> {
  const findings: Finding[] = []
  const weights: string[] = []
  let checked = 0
  for (const one of readPackages(root)) {
    const subpaths = subpathsOf(root, one).filter(({ source }) => existsSync(join(root, one.folder, source)))
    for (const subpath of subpaths) {
      checked++
      const permission = permissionFor(subpath.specifier, granted)
      findings.push(
        ...(await graph(root, one, subpath, subpaths, permission)),
        ...running(root, one, subpath, permission),
      )
      if (permission.gzip === undefined) continue
      const { weight, heaviest } = await weightOf(root, one, subpath, permission.atOnce)
      weights.push(`${subpath.specifier} ${(weight / 1000).toFixed(1)} kB gzip of ${permission.gzip / 1000}`)
      if (weight > permission.gzip) {
        findings.push(
          problem(
            join(one.folder, subpath.source),
            undefined,
            `${subpath.specifier} weighs ${weight} bytes gzipped; ${permission.gzip} is the limit. Heaviest, minified: ${heaviest.join(', ')}`,
            remedy,
          ),
        )
      }
    }
  }
  return { checked: [`${checked} subpaths`, ...weights].join(', '), findings }
}

/** By the sources: neighbours and libraries that are reached over static imports, libraries that are named at all. */
async function graph(
  root: string,
  one: WorkspacePackage,
  subpath: Subpath,
  all: readonly Subpath[],
  permission: Permission,
): Promise<Finding[]> {
  const entry = join(one.folder, subpath.source)
  const reach = await reachOf(root, one, subpath)
  const report = (message: string): Finding => problem(entry, undefined, `${subpath.specifier} ${message}`, remedy)
  const neighbours = all.filter(
    (other) =>
      other !== subpath &&
      other.specifier !== one.file.name &&
      reach.files.has(join(one.folder, other.source).replaceAll('\\', '/')),
  )
  return [
    ...neighbours.map(({ specifier }) => report(`loads all of its neighbour ${specifier}`)),
    ...[...reach.atOnce].filter((name) => !permission.atOnce.includes(name)).map((name) => report(`loads ${name}`)),
    ...[...reach.later]
      .filter((name) => ![...permission.later, ...permission.atOnce].includes(name))
      .map((name) => report(`names ${name} in an import()`)),
    ...[...reach.builtins]
      .filter((name) => permission.neverAtOnce?.includes(name) === true)
      .map((name) => report(`loads ${name}`)),
  ]
}

/** By a fresh process: what really was loaded. Only where there is a build, which the exports check sees to. */
function running(root: string, one: WorkspacePackage, subpath: Subpath, permission: Permission): Finding[] {
  const file = join(root, one.folder, subpath.code)
  if (!existsSync(file)) return []
  const { files, builtins } = loadedModules(file)
  const foreign = new Set(
    files.map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]).filter((name) => name !== undefined),
  )
  const direct = [...foreign].filter(
    (name) => [...permission.later].includes(name) && !permission.atOnce.includes(name),
  )
  return [
    ...direct.map((name) => `loads ${name} in a fresh process`),
    ...(files.length > (permission.files ?? Number.POSITIVE_INFINITY)
      ? [`opens ${files.length} files in a fresh process; ${permission.files} is the limit`]
      : []),
    ...builtins
      .filter((name) => permission.neverAtOnce?.includes(name))
      .map((name) => `loads ${name} in a fresh process`),
  ].map((message) =>
    problem(`${one.folder}/${subpath.code.replace('./', '')}`, undefined, `${subpath.specifier} ${message}`, remedy),
  )
}
