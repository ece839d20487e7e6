import type { Clock, Random } from '../clock.ts'
import type { CallFacts, EventMap, EventType } from '../events.ts'

/**
 * A CloudEvents 1.0 event.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
export interface PatchbayEvent<T extends EventType = EventType> {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: `patchbay.${T}`
  readonly time: string
  readonly datacontenttype: 'application/json'
  readonly data: EventMap[T]
}

/** Ids of connections are any text, and the source of an event is a URI-reference. */
const segment = (text: string): string => `/${encodeURIComponent(text.toWellFormed())}`
const segments = (id: string | undefined): string => (id === undefined ? '' : id.split('/').map(segment).join(''))

/** Wraps a payload into its CloudEvents envelope, for queues, files and HTTP. */
export function toCloudEvent<T extends EventType>(
  type: T,
  data: EventMap[T],
  env: { readonly clock: Clock; readonly random: Random; readonly source?: string },
): PatchbayEvent<T> {
  const { connector, connection } = data as Partial<CallFacts>
  return {
    specversion: '1.0',
    id: env.random.uuid(),
    source: env.source ?? `/patchbay${segments(connector)}${connection === undefined ? '' : segment(connection)}`,
    type: `patchbay.${type}`,
    time: new Date(env.clock.now()).toISOString(),
    datacontenttype: 'application/json',
    data,
  }
}
