import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { entriesOf } from '../../build/tsup-config.ts'
import { type Finding, problem } from '../finding.ts'
import { posix, subpathsOf, type WorkspacePackage } from '../workspace.ts'

/** `exports` against the built files, both ways: what is promised is there, what is there is promised. */
export function builtFiles(root: string, one: WorkspacePackage): Finding[] {
  const manifest = `${one.folder}/package.json`
  const text = readFileSync(join(root, manifest), 'utf8').split('\n')
  const lineOf = (target: string): number | undefined => {
    const index = text.findIndex((line) => line.includes(`"${target}"`))
    return index < 0 ? undefined : index + 1
  }
  const subpaths = subpathsOf(root, one)
  const order = Object.entries(one.file.exports ?? {}).flatMap(([key, target]) => {
    if (typeof target === 'string') return []
    const conditions = Object.keys(target).join(', ')
    const wanted = '@patchbay/source, types, default'
    return conditions === wanted
      ? []
      : [problem(manifest, lineOf(key), `conditions of "${key}" are ${conditions}`, `Write ${wanted}, in this order.`)]
  })
  const missing = subpaths.flatMap(({ specifier, source, types, code }) =>
    [source, types, code]
      .filter((file) => !existsSync(join(root, one.folder, file)))
      .map((file) =>
        problem(
          manifest,
          lineOf(file),
          `${specifier} promises ${file}, which does not exist`,
          'Write it, run `pnpm build`, or remove the subpath.',
        ),
      ),
  )
  const promised = new Set([
    ...subpaths.map(({ code }) => code.replace(/^\.\//, '')),
    ...Object.keys(entriesOf(join(root, one.folder))).map((name) => `dist/${name}.js`),
  ])
  const extra = globSync('dist/**/*.js', { cwd: join(root, one.folder) })
    .map(posix)
    .filter((file) => !/-[A-Z0-9]{8}\.js$/.test(file) && !promised.has(file))
    .map((file) =>
      problem(
        `${one.folder}/${file}`,
        undefined,
        'is built but not exported',
        'Add the subpath to `exports`, or build anew with `pnpm build --force`.',
      ),
    )
  const unmade = globSync('dist/**/*.d.ts', { cwd: join(root, one.folder) }).flatMap((file) => {
    const index = readFileSync(join(root, one.folder, file), 'utf8')
      .split('\n')
      .findIndex((line) => /(?:from|import\()\s*['"]\.[^'"]*\.ts['"]/.test(line))
    return index < 0
      ? []
      : [
          problem(
            `${one.folder}/${posix(file)}`,
            index + 1,
            'a declaration names a .ts file',
            'tools/build/package.ts rewrites them; mend it.',
          ),
        ]
  })
  return [...order, ...missing, ...extra, ...unmade]
}
