import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A fenced block of TypeScript in a Markdown file. */
export interface Block {
  readonly file: string
  /** Line of the first line of code, counted from 1. */
  readonly line: number
  readonly code: string
  /** Marked with the word `run`: it is executed as well. */
  readonly run: boolean
}

/** Finds the blocks marked `ts` or `typescript`. */
export function blocksOf(root: string, file: string): Block[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n')
  const blocks: Block[] = []
  let open: { fence: string; indent: string; info: string; line: number; code: string[] } | undefined
  for (const [index, text] of lines.entries()) {
    const fence = /^(\s*)(`{3,}|~{3,})\s*(.*)$/.exec(text)
    if (open === undefined) {
      if (fence !== null)
        open = {
          indent: fence[1] ?? '',
          fence: fence[2] ?? '',
          info: (fence[3] ?? '').trim(),
          line: index + 2,
          code: [],
        }
    } else if (fence !== null && fence[3] === '' && (fence[2] ?? '').startsWith(open.fence)) {
      const [language, ...words] = open.info.split(/\s+/)
      if (language === 'ts' || language === 'typescript') {
        blocks.push({ file, line: open.line, code: open.code.join('\n'), run: words.includes('run') })
      }
      open = undefined
    } else open.code.push(text.startsWith(open.indent) ? text.slice(open.indent.length) : text)
  }
  return blocks
}
