import type { VendorRequest } from './request.ts'

/** One request as the vendor's ledger keeps it. */
export interface LedgerEntry {
  /** Undefined where no operation of the manifest has the route. */
  readonly operation: string | undefined
  readonly method: string
  /** Without what the credential wrote. */
  readonly url: string
  /** Values of the credential are `***`. */
  readonly headers: Readonly<Record<string, string>>
  readonly status: number
  /** Why it was refused, or `ok`, or the fault that was injected. */
  readonly verdict: string
  /** Keys of the query and places of the body that the manifest does not name. */
  readonly unexpected: readonly string[]
  /** Inputs that the request carried, by their names in the manifest. */
  readonly inputs: Readonly<Record<string, unknown>>
  /** Wall-clock milliseconds. */
  readonly at: number
  /** Whether it changed what the vendor holds. */
  readonly changed: boolean
}

/** A URL and headers without anything secret. */
export function redactedRequest({ url, headers }: VendorRequest, secrets: readonly string[]) {
  const clean = (text: string): string => {
    let cleaned = text
    for (const secret of secrets) {
      if (secret.length < 4) continue
      for (const form of [secret, encodeURIComponent(secret)]) cleaned = cleaned.replaceAll(form, '***')
    }
    return cleaned
  }
  const sensitive = /^(authorization|cookie|proxy-authorization|x-amz-security-token)$/
  return {
    url: clean(url.href),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, sensitive.test(name) ? '***' : clean(value)]),
    ),
  }
}
