import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Finding, problem } from '../finding.ts'
import type { Tree } from './tree.ts'

/** Written so that this file does not match itself. */
const traces: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  {
    pattern:
      /(?<![\w.~-])\/(?:root|work|opt\/tc|home\/(?!user\b)[a-z][\w-]*|Users\/(?!you\b)[A-Za-z][\w.-]*)\/[\w.@-]+/,
    what: 'a path of one machine',
  },
  { pattern: /\b[A-Z]:\\Users\\(?!you\b)[\w.-]+/, what: 'a path of one machine' },
  { pattern: /\bregistry\.(?:npmjs|yarnpkg|npmmirror)\.(?:org|com)\b/, what: 'the host of a registry' },
  { pattern: /\b(?:npm\.pkg\.github\.com|unpkg\.com|pypi\.org|deb\.debian\.org)\b/, what: 'the host of a registry' },
]

/**
 * The repository must work on any machine and with any registry that npm is set up for. Facts of vendors' descriptions are left out: they are
 * full of paths of theirs.
 */
export function machineTraces({ root, files }: Tree): Finding[] {
  return files
    .filter((path) => !/(^|\/)fixtures\/|^packages\/catalog\/evidence\//.test(path))
    .filter((path) => !/\.(?:png|gz|tgz|der|ico|woff2?)$/.test(path))
    .flatMap((path) =>
      readFileSync(join(root, path), 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          traces.flatMap(({ pattern, what }) => {
            const found = pattern.exec(line)?.[0]
            return found === undefined
              ? []
              : [problem(path, index + 1, `${found} is ${what}`, 'Take it from a setting, or leave it out.')]
          }),
        ),
    )
}
