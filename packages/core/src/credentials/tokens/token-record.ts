import { Fault } from '../../errors.ts'

/** What is stored of a connection's tokens. Times are wall-clock milliseconds, since they must mean something to another process. */
export interface TokenRecord {
  readonly proof?: string | undefined
  /** Rises with every token. */
  readonly generation: number
  readonly access?: AccessToken | undefined
  readonly refresh?: string | undefined
  /** The vendor gave no new refresh token at the last renewal, so the present one may be sent again. */
  readonly reusable?: boolean | undefined
  /** Written before the refresh token is sent: from `since` on, the vendor may have consumed it. */
  readonly pending?: { readonly since: number } | undefined
  /** No token can be had any more without a person. */
  readonly dead?: { readonly code: string; readonly since: number } | undefined
}

export interface AccessToken {
  readonly token: string
  readonly receivedAt: number
  /** Undefined: the vendor does not say; it is used until it is refused. */
  readonly lifetimeMs?: number | undefined
}

export function encodeRecord(record: TokenRecord): string {
  return JSON.stringify({ version: 1, ...record })
}

/** @throws Fault `credential`, since going on as if there was no record could send a refresh token that was used before. */
export function decodeRecord(text: string): TokenRecord {
  let value: Partial<TokenRecord> & { version?: unknown }
  try {
    value = JSON.parse(text) as typeof value
    if (
      value.version === 1 &&
      Number.isSafeInteger(value.generation) &&
      isAccess(value.access) &&
      isText(value.refresh) &&
      isText(value.proof) &&
      (value.pending === undefined || Number.isFinite(value.pending.since)) &&
      (value.dead === undefined || typeof value.dead.code === 'string')
    ) {
      const { proof, generation = 0, access, refresh, reusable, pending, dead } = value
      return { proof, generation, access, refresh, reusable, pending, dead }
    }
  } catch {
    // Falls through: the text may hold tokens, so neither it nor the parser's message goes on.
  }
  throw new Fault({
    kind: 'credential',
    code: 'token-record-damaged',
    sent: 'none',
    message:
      'the stored token record is damaged or of a newer version: authorize the connection again, or restore the store',
  })
}

function isAccess(value: unknown): boolean {
  if (value === undefined) return true
  const { token, receivedAt, lifetimeMs } = value as Partial<AccessToken>
  return typeof token === 'string' && Number.isFinite(receivedAt) && (lifetimeMs === undefined || lifetimeMs >= 0)
}

const isText = (value: unknown): boolean => value === undefined || typeof value === 'string'
