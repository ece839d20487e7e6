import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { say } from './shell.mjs'

function alive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** True when the process that took the lock is gone. A lock without a pid is being taken right now, unless it is old. */
function abandoned(folder) {
  try {
    return !alive(Number(readFileSync(join(folder, 'pid'), 'utf8')))
  } catch {
    try {
      return Date.now() - statSync(folder).mtimeMs > 10_000
    } catch {
      return false
    }
  }
}

/** Two tasks started at once in one checkout must not install or build over each other: the second waits for the first. */
export async function withLock(folder, task) {
  mkdirSync(dirname(folder), { recursive: true })
  for (let waited = 0; ; waited++) {
    try {
      mkdirSync(folder)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (abandoned(folder)) rmSync(folder, { recursive: true, force: true })
    else {
      if (waited === 5) say('waiting for another command that installs or builds in this checkout')
      await sleep(200)
    }
  }
  try {
    writeFileSync(join(folder, 'pid'), String(process.pid))
    return await task()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
