import type { Version } from '../store.ts'
import type { Snapshot } from './cache-entries.ts'

/** A call that holds its key. */
export class Running {
  readonly id: string
  readonly name: string
  readonly fingerprint: string
  version: Version | undefined
  /** Ends with the answer, or without when there is none to share. */
  readonly settled: Promise<Snapshot | undefined>
  settle: (snapshot: Snapshot | undefined) => void = () => undefined

  constructor(id: string, name: string, fingerprint: string) {
    this.id = id
    this.name = name
    this.fingerprint = fingerprint
    this.settled = new Promise((resolve) => {
      this.settle = resolve
    })
  }
}
