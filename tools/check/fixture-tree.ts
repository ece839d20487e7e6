import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Files by their path; a value that is no string is written as JSON. */
export type FixtureFiles = Readonly<Record<string, unknown>>

/** Runs `task` in a temporary repository with these files, for checks to prove that they can fail. */
export async function withTree<T>(files: FixtureFiles, task: (root: string) => T | Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'patchbay-check-'))
  try {
    execFileSync('git', ['init', '--quiet'], { cwd: root })
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content, null, 2))
    }
    return await task(root)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
