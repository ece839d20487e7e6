/** An item as it lies in the log. `round` counts its replays, so that an older record of the same id is not taken for the newer one. */
export interface QueueItem {
  readonly id: string
  readonly round: number
  readonly data: string
}

/** `id`, `round` and `data` on lines of their own: cheaper than JSON within JSON. Ids hold no line break. */
export function encodeItem({ id, round, data }: QueueItem): string {
  return `${id}\n${round}\n${data}`
}

export function decodeItem(value: string): QueueItem {
  const first = value.indexOf('\n')
  const second = value.indexOf('\n', first + 1)
  return { id: value.slice(0, first), round: Number(value.slice(first + 1, second)), data: value.slice(second + 1) }
}

/** What is known of an id: waiting in the log, held aside, or settled. */
export type StateName = 'new' | 'held' | 'done' | 'dead'

export interface ItemState {
  readonly name: StateName
  readonly round: number
}

export function encodeState(name: StateName, round: number): string {
  return `${name}:${round}`
}

export function decodeState(value: string): ItemState {
  const [name, round] = value.split(':') as [StateName, string]
  return { name, round: Number(round) }
}

/** An item that left the log's order: waits for a retry, is parked, stands behind such a one, or is dead. */
export interface HeldItem {
  readonly state: 'retry' | 'parked' | 'behind' | 'dead'
  /** Undefined: no order needed. */
  readonly key: string | undefined
  readonly attempts: number
  /** Wall time of the next try, milliseconds since 1970. */
  readonly nextAt: number
  /** Why the last try failed; one line, without secrets. */
  readonly reason: string
  /** Wall time at which it came here. */
  readonly since: number
  readonly item: string
}

/** Where a queue's state lies in the store. */
export class QueueLayout {
  readonly log: string
  readonly commands: string
  readonly cursor: string
  readonly lease: string
  readonly heldPrefix: string
  readonly deadPrefix: string
  readonly #statePrefix: string

  constructor(root: string) {
    this.log = `${root}log`
    this.commands = `${root}commands`
    this.cursor = `${root}cursor`
    this.lease = `${root}lease`
    this.heldPrefix = `${root}held/`
    this.deadPrefix = `${root}dead/`
    this.#statePrefix = `${root}state/`
  }

  state(id: string): string {
    return this.#statePrefix + id
  }

  held(offset: number): string {
    return this.heldPrefix + String(offset).padStart(16, '0')
  }

  dead(id: string): string {
    return this.deadPrefix + id
  }
}

/** The offset in a held item's key. */
export function heldOffset(layout: QueueLayout, key: string): number {
  return Number(key.slice(layout.heldPrefix.length))
}
