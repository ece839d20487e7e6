import type { Ledger } from './misbehaviour.ts'
import type { TrueRecord } from './record-book.ts'

export interface VendorStart {
  readonly seed: number
  /** Records that exist at the start. */
  readonly records: number
  /** No faults. People go on working. */
  readonly calm: boolean
}

export interface VendorStarted {
  readonly origin: string
  /** Of the description. */
  readonly title: string
  readonly operation: string
}

/** What a vendor says at the end. */
export interface VendorTruth {
  readonly ledger: Ledger
  readonly records: readonly TrueRecord[]
}
