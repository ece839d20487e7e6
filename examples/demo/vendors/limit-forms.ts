/** The ways in which vendors say "not now". */
export type LimitForm =
  /** RFC 9110 section 10.2.3, seconds. */
  | 'retry-after-seconds'
  /** RFC 9110 section 10.2.3, a date. */
  | 'retry-after-date'
  /** Not in any RFC, and sent by several. */
  | 'retry-after-ms'
  /** GitHub's primary limit: 403, nothing left, the reset as epoch seconds. */
  | 'forbidden-reset-epoch'
  /** GitHub's secondary limit: 403 with Retry-After. */
  | 'forbidden-retry-after'
  /** Atlassian: the reset as an ISO 8601 time. */
  | 'reset-iso-date'
  /** draft-ietf-httpapi-ratelimit-headers: a structured field. */
  | 'ratelimit-field'
  /** The same draft, up to its version 06. */
  | 'ratelimit-triple'

export interface LimitAnswer {
  /** When the vendor serves again; whoever comes before has not read the answer. */
  readonly until: number
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** Headers of a refusal. `until`: a refusal that lasts already, told once more. */
export function writeLimit(form: LimitForm, now: number, until?: number): LimitAnswer {
  const inMs = (ms: number): number => until ?? now + ms
  // Forms with whole seconds of the wall clock end on one.
  const onSecond = until ?? Math.ceil((now + 300) / 1000) * 1000
  const seconds = (end: number): string => String(Math.max(1, Math.ceil((end - now) / 1000)))
  switch (form) {
    case 'retry-after-seconds': {
      const end = inMs(1000)
      return { until: end, status: 429, headers: { 'retry-after': seconds(end) } }
    }
    case 'retry-after-date':
      return { until: onSecond, status: 503, headers: { 'retry-after': new Date(onSecond).toUTCString() } }
    case 'retry-after-ms': {
      const end = inMs(400)
      return { until: end, status: 429, headers: { 'retry-after-ms': String(Math.ceil(end - now)) } }
    }
    case 'forbidden-reset-epoch': {
      const reset = String(onSecond / 1000)
      const headers = { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }
      return { until: onSecond, status: 403, headers: { ...headers, 'x-ratelimit-resource': 'core' } }
    }
    case 'forbidden-retry-after': {
      const end = inMs(1000)
      return { until: end, status: 403, headers: { 'retry-after': seconds(end) } }
    }
    case 'reset-iso-date': {
      const end = inMs(600)
      const headers = { 'x-ratelimit-limit': '60000', 'x-ratelimit-remaining': '0' }
      return { until: end, status: 429, headers: { ...headers, 'x-ratelimit-reset': new Date(end).toISOString() } }
    }
    case 'ratelimit-field': {
      const end = inMs(1000)
      const headers = { 'ratelimit-policy': '"burst";q=60000;w=60', ratelimit: `"burst";r=0;t=${seconds(end)}` }
      return { until: end, status: 429, headers }
    }
    case 'ratelimit-triple': {
      const end = inMs(1000)
      const headers = { 'ratelimit-limit': '60000', 'ratelimit-remaining': '0', 'ratelimit-reset': seconds(end) }
      return { until: end, status: 429, headers }
    }
  }
}
