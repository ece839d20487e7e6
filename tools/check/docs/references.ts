import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { type Finding, problem } from '../finding.ts'

/** Lines of a Markdown file outside fenced blocks, with their numbers. */
function prose(text: string): { readonly line: number; readonly text: string }[] {
  let fenced = false
  return text.split('\n').flatMap((content, index) => {
    if (/^\s*(?:`{3,}|~{3,})/.test(content)) {
      fenced = !fenced
      return []
    }
    return fenced ? [] : [{ line: index + 1, text: content }]
  })
}

/** Relative links of every page lead somewhere. */
export function links(root: string, file: string): Finding[] {
  return prose(readFileSync(join(root, file), 'utf8')).flatMap(({ line, text }) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
      if (/^(?:[a-z]+:|#)/.test(target)) return []
      const path = normalize(join(dirname(file), target.split('#')[0] ?? ''))
      return existsSync(join(root, path))
        ? []
        : [problem(file, line, `${target} leads nowhere`, 'Mend the link or remove it.')]
    }),
  )
}

const topFolders = /^\.?(?:packages|tools|docs|examples|bench|\.ci|\.changeset)\//

/** A path with a place to fill in, `bench/<name>.bench.ts`, may be one that nobody has filled in yet; the folder before it must be there. */
function exists(root: string, path: string): boolean {
  const folder = path.includes('<') ? path.slice(0, path.lastIndexOf('/', path.indexOf('<'))) : path
  return existsSync(join(root, folder))
}

/** What a guide names in `code spans` is there: paths, commands of package.json, and names that the sources declare. */
export function namedThings(root: string, file: string, declared: ReadonlySet<string>): Finding[] {
  const { scripts = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts?: Record<string, string>
  }
  const nameless = (what: string, line: number): Finding =>
    problem(file, line, `\`${what}\` does not exist`, 'Write what is there now.')
  return prose(readFileSync(join(root, file), 'utf8')).flatMap(({ line, text }) =>
    [...text.matchAll(/`([^`]+)`/g)].flatMap(([, span = '']) => {
      const command = /^(?:pnpm|npm run|npm) ([a-z][\w:-]*)/.exec(span)?.[1]
      if (command !== undefined) {
        const known =
          Object.hasOwn(scripts, command) ||
          ['install', 'add', 'ci', 'exec', 'changeset', 'vitest', 'pack', 'run'].includes(command)
        return known ? [] : [nameless(span, line)]
      }
      if (topFolders.test(span) && !/\s/.test(span)) return exists(root, span) ? [] : [nameless(span, line)]
      const name = /^([A-Za-z$][\w$]*)(?:\(\))?$/.exec(span)?.[1]
      const looksDeclared =
        name !== undefined && (span.endsWith('()') || /^[a-z]+[A-Z]/.test(name) || /^[A-Z][a-z]+[A-Za-z]*$/.test(name))
      return looksDeclared && !declared.has(name) ? [nameless(span, line)] : []
    }),
  )
}
