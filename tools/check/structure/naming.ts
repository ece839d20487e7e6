import { type Finding, problem } from '../finding.ts'
import type { Tree } from './tree.ts'

const vague = 'utils?|helpers?|common|shared|managers?|misc'
const saysNothing = new RegExp(`^(?:.*-)?(?:${vague})$`)
const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

/** Files and folders of code are kebab-case and say what is in them. */
export function naming({ files }: Tree): Finding[] {
  return files
    .filter((path) => /^(?:packages|tools|bench|examples)\//.test(path) && !/(^|\/)fixtures\//.test(path))
    .flatMap((path) => {
      const parts = path.split('/')
      const isCode = /\.(?:ts|mjs|js)$/.test(path)
      const names = isCode
        ? [...parts.slice(0, -1), ...(parts.at(-1) ?? '').split('.').slice(0, -1)]
        : parts.slice(0, -1)
      const wrong = names.filter((name) => !kebab.test(name))
      const empty = names.filter((name) => saysNothing.test(name))
      return [
        ...wrong.map((name) =>
          problem(path, undefined, `"${name}" is not kebab-case`, 'Use lower-case words joined by dashes.'),
        ),
        ...empty.map((name) =>
          problem(path, undefined, `"${name}" does not say what is inside`, 'Name it after the idea that it holds.'),
        ),
      ]
    })
}
