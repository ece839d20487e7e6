// Runs one server for as long as its stdin stays open: node supervise.ts <folder to remove> <command> [args...]
// A test process that is killed cannot clean up; the pipe closes by itself, and the server and its data go with it.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'

const [folder = '', command = '', ...args] = process.argv.slice(2)
const asUser =
  process.env.SUPERVISE_UID === undefined
    ? {}
    : { uid: Number(process.env.SUPERVISE_UID), gid: Number(process.env.SUPERVISE_GID) }

// A process group of its own: what the server started ends with it.
const server = spawn(command, args, { ...asUser, cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], detached: true })
let stopping = false

function stop(): void {
  if (stopping) return
  stopping = true
  // SIGINT: PostgreSQL's fast shutdown, and an orderly end for Redis.
  server.kill('SIGINT')
  setTimeout(killGroup, 5_000).unref()
}

function killGroup(): void {
  try {
    process.kill(-(server.pid as number), 'SIGKILL')
  } catch {
    // Nobody is left.
  }
}

server.on('error', (error) => {
  console.error(error.message)
  process.exit(1)
})
server.on('exit', (status) => {
  killGroup()
  rmSync(folder, { recursive: true, force: true })
  process.exit(stopping ? 0 : (status ?? 1))
})
process.stdin.on('end', stop).on('error', stop).resume()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
