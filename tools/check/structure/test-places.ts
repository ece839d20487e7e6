import { posix as path } from 'node:path'
import { type Finding, problem } from '../finding.ts'
import { isTest, type Tree } from './tree.ts'

/** A test stands beside what it tests and is called after it: `retry.test.ts` beside `retry.ts`, or `retry/`, or inside `retry/`. */
export function testPlaces({ files }: Tree): Finding[] {
  const known = new Set(files)
  const folders = new Set(files.map((file) => path.dirname(file)))
  return files.filter(isTest).flatMap((file) => {
    const folder = path.dirname(file)
    const subject = path.basename(file).split('.')[0] ?? ''
    if (/(^|\/)(?:__tests__|tests?)(\/|$)/.test(folder)) {
      return [problem(file, undefined, 'tests have no folder of their own', 'Put it beside the file that it tests.')]
    }
    const stands =
      known.has(`${folder}/${subject}.ts`) || folders.has(`${folder}/${subject}`) || path.basename(folder) === subject
    return stands
      ? []
      : [
          problem(
            file,
            undefined,
            `nothing named ${subject} stands beside this test`,
            'Call the test after the file or folder that it tests.',
          ),
        ]
  })
}
