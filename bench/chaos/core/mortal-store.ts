import type { Store } from '@patchbay/core'
import { delayMs, type KillPoint } from './kill-point.ts'

/** Longest time after which a process ends that is to end in the middle of a write: about two commits. */
const longestMs = 4

/** Nothing of this process runs after it: no handler, no flush, no close. */
function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

/** Ends the process within the turns of its event loop, so that the write is really under way. */
function dieWithin(ms: number): void {
  const end = performance.now() + ms
  const turn = (): void => (performance.now() >= end ? die() : void setImmediate(turn))
  setImmediate(turn)
}

export interface MortalStore extends Store {
  /** The n-th write from now on is the end of the process, when the point is one of writes. */
  arm(point: KillPoint | undefined): void
}

/** A store whose process ends at a given write. */
export function mortalStore(inner: Store): MortalStore {
  let armed: KillPoint | undefined
  let writes = 0
  return {
    get: (key) => inner.get(key),
    list: (prefix, options) => inner.list(prefix, options),
    read: (log, after, limit) => inner.read(log, after, limit),
    trim: (log, upTo) => inner.trim(log, upTo),
    close: () => inner.close(),
    async write(groups) {
      const point = armed?.at === 'write' && ++writes === armed.nth ? armed : undefined
      if (point === undefined) return inner.write(groups)
      if (point.phase === 'before') die()
      const written = inner.write(groups)
      if (point.phase === 'during') dieWithin(delayMs(point, longestMs))
      const results = await written
      if (point.phase === 'after') die()
      return results
    },
    arm(point) {
      armed = point
      writes = 0
    },
  }
}
