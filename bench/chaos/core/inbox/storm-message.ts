/** What a webhook of the storm says: the n-th happening of its key. */
export interface StormMessage {
  readonly key: string
  readonly n: number
  /** The first try of its handler fails. */
  readonly fail: boolean
}
