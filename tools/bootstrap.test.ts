import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const script = join(import.meta.dirname, 'bootstrap.mjs')

/** In a checkout that is installed already (these tests run in one), `exec` starts the command and gets out of the way. */
function bootstrap(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

test('passes the exit status on', () => {
  expect(bootstrap('exec', process.execPath, '--eval', 'process.exit(7)').status).toBe(7)
})

test('leaves stdout to the task', () => {
  expect(bootstrap('exec', process.execPath, '--eval', 'console.log(`{"ok":true}`)').stdout).toBe('{"ok":true}\n')
})

test('gives the task a Node that runs the sources, and pnpm', () => {
  const { status, stdout } = bootstrap('exec', 'pnpm', '--version')
  expect(status).toBe(0)
  expect(stdout).toMatch(/^12\./)
})

test('says which tasks there are', () => {
  const { status, stderr } = bootstrap('nonsense')
  expect(status).toBe(1)
  expect(stderr).toContain('Tasks: demo, test, test:peers, bench, chaos')
})

test('passes a signal on and reports it as shells do', async () => {
  const program = 'console.log("up"); setInterval(() => {}, 1000)'
  const child = spawn(process.execPath, [script, 'exec', process.execPath, '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  const [status] = (await once(child, 'exit')) as [number]
  expect(status).toBe(128 + 15)
})
