// pnpm examples [topic...]: runs every examples/<topic>/*.ts, as CI does. Each must end with status 0 within 60 s and print something.
// examples/demo is `npm run demo` and has its own command.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const wanted = process.argv.slice(2)
const all = globSync('examples/*/*.ts', { cwd: root, exclude: ['examples/demo/**', 'examples/node_modules/**'] })
const files = all
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => wanted.length === 0 || wanted.includes(file.split('/')[1] ?? ''))

let failed = 0
for (const file of files.sort()) {
  const started = performance.now()
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(root, file)],
    {
      cwd: join(root, 'examples'),
      encoding: 'utf8',
      timeout: 60_000,
      killSignal: 'SIGKILL',
    },
  )
  const problem =
    signal !== null
      ? 'did not end within 60 s'
      : status !== 0
        ? `ended with status ${status}`
        : stdout.trim() === ''
          ? 'printed nothing'
          : undefined
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(
    `${problem === undefined ? 'ok  ' : 'FAIL'} ${file} (${seconds} s)${problem === undefined ? '' : `: it ${problem}`}`,
  )
  if (problem !== undefined) {
    failed++
    console.log(`${stdout}${stderr}`.trim().replaceAll(/^/gm, '    '))
  }
}
console.log(`examples: ${files.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 && (files.length > 0 || wanted.length === 0) ? 0 : 1
