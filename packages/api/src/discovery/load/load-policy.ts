import type { Transport } from '@patchbay/core'
import type { Caps } from '../limits.ts'

/** What references of a description may reach. Without an entry they reach nothing outside their own document. */
export interface ReferencePolicy {
  /** Files in this folder and below it, symbolic links followed. */
  readonly folder?: string | undefined
  /** Host names, `*.` for every name below one. Only https, and never an address that the address guard refuses. */
  readonly hosts?: readonly string[] | undefined
}

/** What one reading may still use up. */
export interface Loading {
  readonly caps: Caps
  readonly policy: ReferencePolicy
  /** Loaded with the first URL. */
  transport(): Promise<Transport>
  bytes: number
  documents: number
}
