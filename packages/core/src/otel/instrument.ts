import type { PatchbayError } from '../errors.ts'
import type { CallFacts, EventMap, Events } from '../events.ts'

/** The part of an OpenTelemetry span that is called. */
interface Span {
  setAttribute(name: string, value: string | number): unknown
  setStatus(status: { readonly code: number; readonly message?: string }): unknown
  addEvent(name: string, attributes?: Record<string, string | number>): unknown
  end(): void
}

interface Instrument {
  record?(value: number, attributes: Record<string, string | number>): void
  add?(value: number, attributes: Record<string, string | number>): void
}

/** The part of the module `@opentelemetry/api` (1.9 or newer) that is called: hand in the module itself. */
export interface OpenTelemetryApi {
  readonly trace: {
    // biome-ignore lint/suspicious/noExplicitAny: the API's own types stay out of these declarations
    getTracer(name: string, version?: string): any
    // biome-ignore lint/suspicious/noExplicitAny: as above
    setSpan(context: any, span: any): any
  }
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly metrics: { getMeter(name: string, version?: string): any }
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly context: { active(): any }
}

export interface InstrumentOptions {
  /** `false` makes one span per call without a child span per attempt. Default true. */
  readonly attemptSpans?: boolean
}

interface OpenCall {
  readonly span: Span
  readonly context: unknown
  attempt: Span | undefined
}

const scopeName = '@patchbay/core'
/** SpanKind.CLIENT and SpanStatusCode.ERROR of the OpenTelemetry API, which are stable numbers. */
const client = 2
const failed = 2

/**
 * Turns a connection's events into OpenTelemetry spans and metrics, as a subscriber: calls cost nothing more until this is used.
 * Spans: `<connector> <operation>` with kind CLIENT, a child per attempt, a span event per decision. Metrics: the histogram
 * `patchbay.call.duration` (seconds), the counters `patchbay.attempts` and `patchbay.decisions`. `error.type` holds the error's kind.
 * Returns how to stop; calls under way still end their spans.
 * @see https://opentelemetry.io/docs/specs/semconv/
 */
export function instrument(events: Events, api: OpenTelemetryApi, options: InstrumentOptions = {}): () => void {
  const tracer = api.trace.getTracer(scopeName)
  const meter = api.metrics.getMeter(scopeName)
  const duration: Instrument = meter.createHistogram('patchbay.call.duration', {
    unit: 's',
    description: 'Duration of calls.',
  })
  const attempts: Instrument = meter.createCounter('patchbay.attempts', {
    description: 'Attempts made, free retries and hedges included.',
  })
  const decisions: Instrument = meter.createCounter('patchbay.decisions', { description: 'What policies decided.' })
  const open = new Map<string, OpenCall>()

  const onCallStart = (facts: CallFacts): void => {
    const parent = api.context.active()
    const span = tracer.startSpan(
      `${facts.connector} ${facts.operation}`,
      { kind: client, attributes: attributesOf(facts) },
      parent,
    )
    open.set(facts.callId, { span, context: api.trace.setSpan(parent, span), attempt: undefined })
  }
  const onAttemptStart = (facts: EventMap['attempt-start']): void => {
    attempts.add?.(1, metricAttributes(facts))
    const call = open.get(facts.callId)
    if (call === undefined || options.attemptSpans === false) return
    call.attempt?.end()
    call.attempt = tracer.startSpan(
      'attempt',
      { kind: client, attributes: { 'patchbay.attempt': facts.attempt } },
      call.context,
    )
  }
  const onAttemptEnd = (facts: EventMap['attempt-end']): void => {
    const call = open.get(facts.callId)
    if (call?.attempt === undefined) return
    finish(call.attempt, facts.error)
    call.attempt = undefined
  }
  const onDecision = (facts: EventMap['decision']): void => {
    const { policy, decision, reason, numbers, callId } = facts
    decisions.add?.(1, { 'patchbay.policy': policy, 'patchbay.decision': decision, 'patchbay.reason': reason })
    if (callId !== undefined) open.get(callId)?.span.addEvent(`${policy} ${decision}`, { reason, ...numbers })
  }
  const onCallEnd = (facts: EventMap['call-end']): void => {
    const error = facts.error === undefined ? {} : { 'error.type': facts.error.kind }
    duration.record?.(facts.durationMs / 1000, { ...metricAttributes(facts), ...error })
    const call = open.get(facts.callId)
    if (call === undefined) return
    open.delete(facts.callId)
    call.attempt?.end()
    call.span.setAttribute('patchbay.attempts', facts.attempts)
    finish(call.span, facts.error)
  }

  const stops = [
    events.on('call-start', onCallStart),
    events.on('attempt-start', onAttemptStart),
    events.on('attempt-end', onAttemptEnd),
    events.on('decision', onDecision),
  ]
  const stopEnds = events.on('call-end', (facts) => {
    onCallEnd(facts)
    if (stopped && open.size === 0) stopEnds()
  })
  let stopped = false
  return () => {
    stopped = true
    for (const stop of stops) stop()
    if (open.size === 0) stopEnds()
  }
}

function finish(span: Span, error: PatchbayError | undefined): void {
  if (error !== undefined) {
    span.setAttribute('error.type', error.kind)
    if (error.status !== undefined) span.setAttribute('http.response.status_code', error.status)
    span.setStatus({ code: failed, message: error.message })
  }
  span.end()
}

function attributesOf(facts: CallFacts): Record<string, string> {
  const tenant = facts.tenant === undefined ? {} : { 'patchbay.tenant': facts.tenant }
  return {
    ...metricAttributes(facts),
    'patchbay.connection': facts.connection,
    'patchbay.effect': facts.effect,
    ...tenant,
  }
}

/** Few values only: a metric with a label per connection or tenant has no end. */
function metricAttributes(facts: CallFacts): Record<string, string> {
  return { 'patchbay.connector': facts.connector, 'patchbay.operation': facts.operation }
}
