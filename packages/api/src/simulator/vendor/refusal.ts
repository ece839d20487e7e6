export type RefusalKind =
  | 'invalid-input'
  | 'credential'
  | 'permission'
  | 'not-found'
  | 'conflict'
  | 'rate-limited'
  | 'unavailable'
  | 'unsupported'

/** The vendor refuses a request; thrown inside the simulator and answered in the vendor's shape. */
export class RequestRefusal extends Error {
  readonly kind: RefusalKind
  readonly headers: Readonly<Record<string, string>>

  constructor(kind: RefusalKind, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.kind = kind
    this.headers = headers
  }
}
