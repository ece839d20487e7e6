import type { Receiver } from './receive.ts'

/** A delivery that the vendor says it made (GitHub: list deliveries for a repository webhook). */
export interface ListedDelivery {
  /** The id as the webhook itself carries it. */
  readonly id: string
  /**
   * Gets the message here once more: asks the vendor to send it again (it then comes in by HTTP and is verified as ever), or fetches its
   * content through the authenticated API and gives it back.
   */
  recover(): Promise<RecoveredMessage | undefined>
}

export interface RecoveredMessage {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | string
  /** Milliseconds since 1970. */
  readonly sentAt?: number | undefined
}

export interface Reconciliation {
  readonly listed: number
  /** Deliveries that never came here. */
  readonly missing: number
  /** Of these, taken in now. */
  readonly recovered: number
  /** Of these, asked for again; they will come by HTTP. */
  readonly requested: number
  /** Ids that could not be recovered. Run it again later. */
  readonly failed: readonly string[]
}

/** Compares what the vendor sent with what came in, and closes the gaps. Reads as much as `deliveries` lists: bound it by time. */
export async function reconcile(
  receiver: Receiver,
  deliveries: AsyncIterable<ListedDelivery> | Iterable<ListedDelivery>,
): Promise<Reconciliation> {
  let [listed, missing, recovered, requested] = [0, 0, 0, 0]
  const failed: string[] = []
  for await (const delivery of deliveries) {
    listed++
    if (await receiver.queue.knows(delivery.id)) continue
    missing++
    const message = await delivery.recover().catch(() => 'failed' as const)
    if (message === undefined) requested++
    else if (message !== 'failed' && (await takeIn(receiver, delivery.id, message))) recovered++
    else failed.push(delivery.id)
  }
  return { listed, missing, recovered, requested, failed }
}

async function takeIn(receiver: Receiver, id: string, message: RecoveredMessage): Promise<boolean> {
  const { headers, body, sentAt } = message
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body
  const receipt = await receiver.store({ method: 'POST', url: '', headers, body: bytes }, id, sentAt)
  return receipt.status === 200
}
