/** Statuses whose own meaning says more than a Fault in the body: HTTP's own refusals, limits and failures of what stands in between. */
const plainStatuses = new Set([401, 407, 408, 413, 429, 502, 503, 504])

/** Whether an answer of this status is read as an envelope, where it is XML. */
export function isEnvelopeStatus(status: number): boolean {
  return status <= 299 || (status >= 400 && !plainStatuses.has(status))
}
