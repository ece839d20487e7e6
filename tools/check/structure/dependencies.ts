import { isBuiltin } from 'node:module'
import { type Finding, problem } from '../finding.ts'
import type { ImportOf, SourceFile } from '../source-file.ts'
import type { WorkspacePackage } from '../workspace.ts'
import { isTest, type Tree } from './tree.ts'

function moduleOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('/') || isBuiltin(specifier)) return undefined
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Declared without being imported, with the reason. */
const neededAnyway: Readonly<Record<string, string>> = {
  graphql: 'graphql-request wants it as a peer',
  zod: 'connectors of the family state their schemas with it, also the first one',
}

/** What a package imports is declared, and what it declares is imported. */
export function dependencies({ sources, packages }: Tree): Finding[] {
  return packages.flatMap((one) =>
    checkPackage(
      one,
      sources.filter(({ path }) => path.startsWith(`${one.folder}/src/`)),
    ),
  )
}

function checkPackage({ file, folder }: WorkspacePackage, sources: readonly SourceFile[]): Finding[] {
  const manifest = `${folder}/package.json`
  const { dependencies: direct = {}, peerDependencies: peers = {}, devDependencies: development = {} } = file
  const optional = (name: string): boolean => file.peerDependenciesMeta?.[name]?.optional === true
  const used = new Set<string>()
  const findings: Finding[] = []

  const checkImport = (source: SourceFile, { specifier, line, typeOnly, dynamic }: ImportOf): void => {
    const name = moduleOf(specifier)
    if (name === undefined || name === file.name) return
    used.add(name)
    const complain = (message: string, remedy: string): void => {
      findings.push(problem(source.path, line, message, remedy))
    }
    if (isTest(source.path)) {
      // The test runner and what `node:` types need stand in the root's package.json.
      const known = name === 'vitest' || [direct, peers, development].some((list) => Object.hasOwn(list, name))
      if (!known) complain(`${name} is not declared`, `Add it to devDependencies of ${manifest}.`)
      return
    }
    if (Object.hasOwn(direct, name)) return
    if (!Object.hasOwn(peers, name))
      complain(
        `${name} is not declared`,
        `Add it to dependencies of ${manifest}, or to the optional peers when it is a driver.`,
      )
    else if (optional(name) && typeOnly)
      complain(
        `the types of the optional driver ${name} would reach users`,
        'Declare the part that we call as a structural type.',
      )
    else if (optional(name) && !dynamic)
      complain(
        `the optional driver ${name} is imported statically`,
        `Use import('${name}') where it is needed, through loadDriver.`,
      )
  }
  for (const source of sources) for (const one of source.imports) checkImport(source, one)

  if (sources.length > 0) {
    for (const name of [...Object.keys(direct), ...Object.keys(peers)]) {
      if (!used.has(name) && !Object.hasOwn(neededAnyway, name))
        findings.push(problem(manifest, undefined, `${name} is declared and not imported`, 'Remove it.'))
    }
    for (const name of Object.keys(peers)) {
      if (!optional(name))
        findings.push(
          problem(
            manifest,
            undefined,
            `the peer ${name} is not optional`,
            'Add it to peerDependenciesMeta with "optional": true.',
          ),
        )
    }
  }
  return findings
}
