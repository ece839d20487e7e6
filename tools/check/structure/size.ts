import { type Finding, problem } from '../finding.ts'
import { isTest, type Tree } from './tree.ts'

/** A file that grows beyond one screenful of ideas hides them. Tests may be half as long again: they are read one by one. */
export function size({ sources }: Tree): Finding[] {
  return sources.flatMap(({ path, lines }) => {
    const [warn, fail] = isTest(path) ? [400, 600] : [250, 400]
    if (lines <= warn) return []
    const remedy = 'Give each exported idea a file of its own.'
    return [
      {
        ...problem(path, undefined, `${lines} lines; ${fail} is the limit`, remedy),
        level: lines > fail ? 'error' : 'warning',
      } as const,
    ]
  })
}
