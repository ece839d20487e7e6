/** How an endpoint wants its messages. */
export interface EndpointSettings {
  /** Absolute https URL. Tenant data: every request to it passes the address guard. */
  readonly url: string
  /** Message types it wants: exact, or a prefix such as `invoice.*`. Default all. */
  readonly types?: readonly string[] | undefined
  /** Messages published with one `key` are delivered in order, each only after the one before succeeded or died. Default false. */
  readonly ordered?: boolean | undefined
  /** Most requests at once. Default 4. */
  readonly concurrency?: number | undefined
  /** Most requests per second, on average; a second's worth may come at once. Default no limit. */
  readonly ratePerSecond?: number | undefined
}

/**
 * `enabled`: receives. `paused`: an operator's wish, messages wait. `disabled`: gone (410) or failing for too long, messages published
 * from then on are not for it, those before wait.
 */
export type EndpointStatus = 'enabled' | 'paused' | 'disabled'

/** An endpoint as it is shown: without its secrets. */
export interface Endpoint extends EndpointSettings {
  readonly id: string
  readonly status: EndpointStatus
  /** Why it is paused or disabled: `operator`, `gone`, `failing`. */
  readonly reason?: string | undefined
  /** Wall time since which every delivery failed. */
  readonly failingSince?: number | undefined
}

/** A secret in the vault's keeping. */
export interface SealedSecret {
  readonly sealed: string
  /** Wall time until which it still signs; undefined: the current one. */
  readonly until?: number | undefined
}

export interface StoredEndpoint extends Endpoint {
  /** Names its queue. New with every endpoint: one that is made under the id of a removed one gets none of its messages. */
  readonly queue: string
  readonly secrets: readonly SealedSecret[]
}

/** Whether an endpoint wants messages of this type. */
export function wants(endpoint: EndpointSettings, type: string): boolean {
  return (
    endpoint.types === undefined ||
    endpoint.types.some((one) => (one.endsWith('.*') ? type.startsWith(one.slice(0, -1)) : one === type))
  )
}
