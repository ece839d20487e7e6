import * as api from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { connect } from '../connection.ts'
import { defineConnector } from '../connector.ts'
import { Fault } from '../errors.ts'
import { operation } from '../operation.ts'
import { Runtime } from '../runtime.ts'
import { unchecked } from '../schema.ts'
import { fakeClock } from '../testing/time/fake-clock.ts'
import { seededRandom } from '../testing/time/seeded-random.ts'
import { instrument } from './instrument.ts'

const spans = new InMemorySpanExporter()
const metrics = new InMemoryMetricExporter(AggregationTemporality.DELTA)
const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 })

beforeAll(() => {
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  api.trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
  api.metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
})
beforeEach(() => {
  spans.reset()
  metrics.reset()
})
afterAll(async () => {
  await reader.shutdown()
  api.trace.disable()
  api.context.disable()
  api.metrics.disable()
})

function setUp(failures: number) {
  let left = failures
  const connector = defineConnector({
    contract: 1,
    manifest: { id: 'test/traced', title: 'Traced', summary: 'A traced vendor.', version: '1.0.0' },
    config: unchecked<object>(),
    credentials: [],
    operations: {
      'item.get': operation(
        { name: 'item.get', effect: 'read', input: unchecked<undefined>(), output: unchecked<string>() },
        async () => {
          if (left-- > 0) throw new Fault({ kind: 'unavailable', status: 503, sent: 'all', message: 'busy' })
          return 'value'
        },
      ),
    },
    open: async (config) => config,
  })
  const clock = fakeClock()
  const connection = connect(connector, {
    config: {},
    runtime: new Runtime({ clock, random: seededRandom(2) }),
    tenant: 'acme',
  })
  return { clock, connection }
}

it('makes a span per call under the caller span, one per attempt under it, and counts', async () => {
  const { clock, connection } = setUp(1)
  const stop = instrument(connection.$events, api)
  const tracer = api.trace.getTracer('caller')
  await tracer.startActiveSpan('request', async (root) => {
    await clock.runUntil(connection.item.get())
    root.end()
  })
  stop()
  const finished = spans.getFinishedSpans()
  const named = (name: string) => finished.filter((span) => span.name === name)
  const [root] = named('request')
  const [call] = named('test/traced item.get')
  expect(call?.parentSpanContext?.spanId).toBe(root?.spanContext().spanId)
  expect(call?.attributes).toMatchObject({
    'patchbay.attempts': 2,
    'patchbay.tenant': 'acme',
    'patchbay.effect': 'read',
  })
  expect(call?.events.map(({ name }) => name)).toEqual(['retry retry'])
  expect(named('attempt').map((span) => [span.parentSpanContext?.spanId, span.attributes['error.type']])).toEqual([
    [call?.spanContext().spanId, 'unavailable'],
    [call?.spanContext().spanId, undefined],
  ])
  await reader.forceFlush()
  const points = metrics.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics: found }) => found))
  const value = (name: string) => points.find(({ descriptor }) => descriptor.name === name)?.dataPoints[0]?.value
  expect(value('patchbay.attempts')).toBe(2)
  expect(value('patchbay.decisions')).toBe(1)
  expect(value('patchbay.call.duration')).toMatchObject({ count: 1 })
})

it('marks a failed call with its kind and status, and stops when told', async () => {
  const { clock, connection } = setUp(9)
  const stop = instrument(connection.$events, api, { attemptSpans: false })
  await clock.runUntil(connection.item.get().catch(() => undefined))
  const [call, ...others] = spans.getFinishedSpans()
  expect(others).toEqual([])
  expect(call?.status.code).toBe(api.SpanStatusCode.ERROR)
  expect(call?.attributes).toMatchObject({ 'error.type': 'unavailable', 'http.response.status_code': 503 })
  stop()
  expect(connection.$events.listening).toBe(false)
  await clock.runUntil(connection.item.get().catch(() => undefined))
  expect(spans.getFinishedSpans()).toHaveLength(1)
})
