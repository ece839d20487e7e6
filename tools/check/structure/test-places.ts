import { type Finding, problem } from '../finding.ts'
import { isTest, type Tree } from './tree.ts'

/** A test stands beside what it tests, so it imports something of its own folder, or below it; and tests have no folder of their own. */
export function testPlaces({ sources }: Tree): Finding[] {
  return sources
    .filter(({ path }) => isTest(path) && path.startsWith('packages/'))
    .flatMap(({ path, imports }) => {
      if (/(^|\/)(?:__tests__|tests?)\//.test(path)) {
        return [problem(path, undefined, 'tests have no folder of their own', 'Put it beside the file that it tests.')]
      }
      if (imports.some(({ specifier }) => specifier.startsWith('./'))) return []
      return [
        problem(
          path,
          undefined,
          'this test imports nothing of its own folder',
          'Put it beside the file that it tests.',
        ),
      ]
    })
}
