import type { ErrorFacts } from '@patchbay/core'
import type { CleanText } from '@patchbay/core/http'

type Meaning = Pick<ErrorFacts, 'kind' | 'retry'>

const never = (kind: ErrorFacts['kind']): Meaning => ({ kind, retry: 'never' })
const later = (kind: ErrorFacts['kind']): Meaning => ({ kind, retry: 'later' })

/** Codes of graphql-transport-ws (4400 and above), of the IANA registry (3000, 3003, 3008), and of RFC 6455 section 7.4.1. */
const meanings: Readonly<Record<number, Meaning>> = {
  1002: never('protocol'),
  1003: never('protocol'),
  1007: never('protocol'),
  1008: never('permission'),
  1009: never('protocol'),
  1010: never('protocol'),
  1011: later('unavailable'),
  1012: later('unavailable'),
  1013: later('unavailable'),
  1015: never('network'),
  3000: never('credential'),
  3003: never('permission'),
  3008: later('timeout'),
  4400: never('protocol'),
  4401: never('credential'),
  4403: never('permission'),
  4406: never('unsupported'),
  4408: later('timeout'),
  4409: never('conflict'),
  4429: never('protocol'),
  4500: later('unavailable'),
}

/** Codes with which a server refuses the credential in `connection_init`. */
export const refusesCredential: ReadonlySet<number> = new Set([3000, 3003, 4401, 4403])

/** What it means that the server closed a WebSocket before the subscription was complete. */
export function closeFacts(code: number, reason: string, clean: CleanText): ErrorFacts {
  // 1000, 1001 and 1006 (no close frame at all) among them: the connection is gone, and another may last.
  const meaning = meanings[code] ?? later('network')
  const said = clean(reason)
  return {
    ...meaning,
    code: `websocket-${code}`,
    sent: 'all',
    message: `the server closed the WebSocket with ${code}${said === undefined ? '' : `: ${said}`}`,
  }
}
