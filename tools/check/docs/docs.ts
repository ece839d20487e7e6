import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import type { CheckResult } from '../finding.ts'
import { posix } from '../workspace.ts'
import { blocksOf } from './blocks.ts'
import { compileBlocks } from './compile-blocks.ts'
import { declaredNames } from './declared-names.ts'
import { links, namedThings } from './references.ts'

const pages = ['*.md', 'docs/**/*.md', 'packages/*/README.md', 'packages/*/src/**/README.md', 'examples/**/README.md']

/** Guides that tell people where to go: everything that they name must be there. */
const guides = ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'AGENTS.md', 'CHANGESET.md']

/** The documentation is checked like code: blocks compile, links lead somewhere, and what a guide names exists. */
export function docs(root: string): CheckResult {
  const files = globSync(pages, { cwd: root, exclude: (path) => /node_modules/.test(path) })
    .map(posix)
    .sort()
  const blocks = files.flatMap((file) => blocksOf(root, file))
  const declared = declaredNames(root)
  const findings = [
    ...compileBlocks(root, blocks),
    ...files.flatMap((file) => links(root, file)),
    ...guides.filter((file) => existsSync(join(root, file))).flatMap((file) => namedThings(root, file, declared)),
  ]
  const run = blocks.filter((block) => block.run).length
  return { checked: `${files.length} pages, ${blocks.length} blocks compiled, ${run} of them run`, findings }
}
