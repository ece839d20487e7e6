import type { Store } from '@patchbay/core'
import { sqliteStore } from '@patchbay/core/stores/sqlite'
import type { KillPoint } from './kill-point.ts'
import type { Message } from './lives.ts'
import { mortalStore } from './mortal-store.ts'

/** What every life is told at its beginning. */
export interface LifeSettings {
  readonly file: string
  /** Number of this life, from 1. */
  readonly life: number
  readonly point?: KillPoint | undefined
  /** A guarantee to break, so that the drill has something to find. */
  readonly sabotage?: string | undefined
}

/** Says that everything is loaded and waits for the beginning of this process's life. It ends with its parent. */
export function lifeBegins<Settings extends LifeSettings>(): Promise<Settings> {
  process.on('disconnect', () => process.exit())
  const settings = new Promise<Settings>((resolve) => {
    process.once('message', (message) => resolve(message as Settings))
  })
  tell({ loaded: true })
  return settings
}

export function tell(message: Message): void {
  // A parent that is gone hears nothing; `disconnect` ends this process then.
  process.send?.(message, undefined, undefined, () => undefined)
}

/** What the drill says later on. */
export function hear(listener: (message: Message) => void): void {
  process.on('message', (message) => listener(message as Message))
}

/** The file's store, in which the process finds its end: at the point of its settings, or at one that comes later as `arm`. */
export function openStore({ file, point }: LifeSettings): Store {
  const store = mortalStore(sqliteStore({ file }))
  store.arm(point)
  hear(({ arm }) => {
    if (arm !== undefined) store.arm(arm as KillPoint)
  })
  return store
}
