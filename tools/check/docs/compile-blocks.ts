import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { toolScript } from '../../tool-script.ts'
import { type Finding, problem } from '../finding.ts'
import type { Block } from './blocks.ts'

const compilerOptions = {
  target: 'es2023',
  lib: ['es2024', 'esnext.disposable'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
  allowImportingTsExtensions: true,
}

/**
 * Compiles every block against the built packages, as a reader's own file would be, and runs those marked `run`.
 * Blank lines in front keep the line numbers of the Markdown file.
 */
export function compileBlocks(root: string, blocks: readonly Block[]): Finding[] {
  if (blocks.length === 0) return []
  // Inside examples, whose dependencies a reader would have installed.
  const folder = join(root, 'examples', '.blocks')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const files = new Map(
    blocks.map((block, index) => [`block-${index}-${basename(block.file, '.md').toLowerCase()}.ts`, block]),
  )
  for (const [name, { line, code }] of files)
    writeFileSync(join(folder, name), `${'\n'.repeat(line - 1)}${code}\nexport {}\n`)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  try {
    return [
      ...compile(folder, files),
      ...[...files].filter(([, { run }]) => run).flatMap(([name, block]) => start(folder, name, block)),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function compile(folder: string, files: ReadonlyMap<string, Block>): Finding[] {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [toolScript('typescript', 'tsc'), '-p', '.', '--pretty', 'false'],
    { cwd: folder, encoding: 'utf8' },
  )
  if (status === 0) return []
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('error TS'))
  return lines.map((line) => {
    const place = /^([^(]+)\((\d+),\d+\): error (.*)$/.exec(line)
    const block = files.get(place?.[1] ?? '')
    if (place === null || block === undefined)
      return problem('docs', undefined, line, 'Build the packages first: `pnpm build`.')
    return problem(
      block.file,
      Number(place[2]),
      `this block does not compile: ${place[3]}`,
      'Readers copy it; write what works.',
    )
  })
}

function start(folder: string, name: string, { file, line }: Block): Finding[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', name], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  })
  if (status === 0) return []
  const reason =
    status === null ? 'it did not end within 60 s' : `${stdout}${stderr}`.trim().split('\n').slice(0, 6).join('\n')
  return [problem(file, line, `this block is marked \`run\` and fails: ${reason}`, 'Readers run it; write what works.')]
}
