import type { Store, StreamSpec, WriteGroup } from '@patchbay/core'
import type { StreamBatch, StreamReader } from '@patchbay/core/streams'

/** Mistakes that an app could make. The demo can be run with one, and must then fail: a check that cannot fail proves nothing. */
export const breakages = ['ack-early', 'drop-page', 'forget-cursor', 'answer-early', 'trust-everybody'] as const
export type Breakage = (typeof breakages)[number]

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Hands a batch over: the cursor and the app's writes in one step. With `ack-early`, the cursor first and the writes whenever. */
export async function settle(
  batch: StreamBatch<unknown>,
  writes: WriteGroup,
  store: Store,
  breakage: Breakage | undefined,
): Promise<void> {
  if (breakage !== 'ack-early') return batch.ack({ with: writes })
  await batch.ack()
  pause(250)
    .then(() => store.write([writes]))
    .catch(() => undefined)
}

/** With `drop-page`, a stream that loses a page now and then. */
export function perhapsDropping<Connection, Item>(
  spec: StreamSpec<Connection, Item>,
  breakage: Breakage | undefined,
): StreamSpec<Connection, Item> {
  if (breakage !== 'drop-page') return spec
  return {
    ...spec,
    async *read(connection, from) {
      let number = 0
      for await (const page of spec.read(connection, from)) if (++number % 9 !== 0) yield page
    },
  }
}

/** With `forget-cursor`, an app that begins at the beginning whenever it starts. */
export async function perhapsForgetting(reader: StreamReader<unknown>, breakage: Breakage | undefined): Promise<void> {
  if (breakage === 'forget-cursor') await reader.forget()
}
