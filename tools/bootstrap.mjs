// npm run demo | test | test:peers | bench | chaos, and the same with pnpm.
//
// Runs a task of this repository on a machine that has nothing but npm and Node >= 20: brings a current Node and pnpm when the
// machine's own are missing or older, installs, builds, and runs the task with this terminal and its exit status. What it brings
// stays in .cache. `exec <command>` runs any command with that toolchain, after installing. It imports nothing but Node's own modules, since it runs before anything is installed.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { build, install } from './bootstrap/install.mjs'
import { withLock } from './bootstrap/lock.mjs'
import { Failure, root, say, windows } from './bootstrap/shell.mjs'
import { bringNode, bringPnpm } from './bootstrap/toolchain.mjs'

/** Brings the API descriptions of whole vendors: 75 MB to fetch, which only the demo and its tests read. */
const demo = '@patchbay-internal/demo'

/** What each task needs before it runs, and the file that it is. Paths are relative to the repository. */
const tasks = {
  demo: { build: true, run: ['examples/demo/main.ts'] },
  test: { prepare: 'tools/servers/prepare.ts', run: ['node_modules/vitest/vitest.mjs', 'run'] },
  'test:peers': { run: ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.peers.config.ts'] },
  bench: { build: true, without: [demo], run: ['bench/run.ts', 'bench'] },
  chaos: { build: true, without: [demo], run: ['bench/run.ts', 'chaos'] },
  exec: {},
}

/** Runs the task itself: same terminal, same exit status, signals passed on. */
function runTask(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env,
      stdio: 'inherit',
      shell: windows && !command.endsWith('.exe'),
    })
    const forward = (signal) => child.kill(signal)
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, forward)
    child.on('error', reject)
    child.on('exit', (status, signal) => {
      for (const name of signals) process.off(name, forward)
      resolve(status ?? 128 + (constants.signals[signal] ?? 0))
    })
  })
}

async function main([name, ...args]) {
  const task = Object.hasOwn(tasks, name ?? '') ? tasks[name] : undefined
  if (task === undefined) throw new Failure(`There is no task named ${name}. Tasks: ${Object.keys(tasks).join(', ')}.`)

  const { node, env } = await withLock(join(root, '.cache', 'bootstrap.lock'), async () => {
    const node = bringNode()
    const path = [join(root, 'node_modules', '.bin'), dirname(node), process.env.PATH ?? '']
    const pnpm = bringPnpm(node, { ...process.env, PATH: path.join(delimiter) })
    if (pnpm.folder !== undefined) path.splice(1, 0, pnpm.folder)
    const env = { ...process.env, PATH: path.join(delimiter) }
    install(pnpm.command, node, env, task.without)
    if (task.build) build(node, env)
    return { node, env }
  })
  if (task.prepare) await runTask(node, [join(root, task.prepare)], env)
  if (task.run === undefined) {
    const [command, ...rest] = args
    if (command === undefined) throw new Failure('Name the command to run: node tools/bootstrap.mjs exec <command>.')
    return runTask(command, rest, env)
  }
  const [script, ...fixed] = task.run
  return runTask(node, ['--disable-warning=ExperimentalWarning', join(root, script), ...fixed, ...args], env)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Failure)) throw error
  say(error.message)
  process.exitCode = 1
}
