import type { WriteGroup } from '../store.ts'

/** What is handed over and acknowledged as one. */
export interface StreamBatch<Item> {
  readonly records: readonly Item[]
  /** 0 for the first batch of a read. */
  readonly index: number
  /**
   * Says that the records are safe with you. Only then does the cursor move past them. With `with`, your own writes to the same store and
   * the cursor become durable in one step: after a crash either both are there or neither is. May be called in any order and at any time,
   * also after the loop; a batch that is never acknowledged comes again with the next read.
   * @throws PatchbayError `conflict`: another reader moved the cursor (`cursor-moved`, `lease-lost`), or a condition of your writes did not
   * hold (`write-conflict`). Nothing was written then.
   */
  ack(options?: { readonly with?: WriteGroup | undefined }): Promise<void>
}
