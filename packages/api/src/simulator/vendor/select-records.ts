import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { type Draft, valueAt } from '../wire/own-value.ts'
import { inputValue, type OperationPlan } from './operation-plan.ts'
import { timeOf } from './record-forms.ts'
import type { VendorRequest } from './request.ts'
import type { Collection } from './world.ts'

type Stream = NonNullable<IntegrationManifest['streams']>[string]

/**
 * What a list gives for a request, in the vendor's order: by the time of the stream that reads it, and from the moment that the request names.
 * Other inputs narrow nothing.
 */
export function selected(
  { streams = {} }: IntegrationManifest,
  plan: OperationPlan,
  request: VendorRequest,
  { form, records }: Collection,
  now: number,
): readonly Draft[] {
  const own = Object.values(streams).filter(
    ({ operation, cursor }) => operation === plan.name && cursor.kind === 'time',
  )
  const stream = own.find((one) => asksFor(one, plan, request)) ?? own[0]
  if (stream === undefined || stream.cursor.kind !== 'time' || form.wireTime === undefined) return records
  const { cursor } = stream
  const time = (record: Draft): number => timeOf(valueAt(record, form.wireTime ?? ''), cursor.format) ?? 0
  const input = plan.inputs.find(({ name }) => name === cursor.input)
  const given = input === undefined ? undefined : inputValue(request, input, {})
  const since = sinceOf(cursor, given, now)
  const windowed = plan.pagination?.kind === 'time-window'
  const kept =
    since === undefined || windowed
      ? [...records]
      : records.filter((record) => (cursor.boundary === 'inclusive' ? time(record) >= since : time(record) > since))
  if (cursor.order === 'none') return kept
  const sign = cursor.order === 'ascending' ? 1 : -1
  return kept.sort((a, b) => sign * (time(a) - time(b)))
}

type TimeCursor = Extract<Stream['cursor'], { kind: 'time' }>

/** The moment that a request names, also inside a filter of the vendor's own language. */
function sinceOf({ template, format }: TimeCursor, given: unknown, now: number): number | undefined {
  if (template === undefined) return timeOf(given, format)
  const [before = '', after = ''] = template.split(/\{(?:time|minutesAgo)\}/)
  const text = String(given ?? '')
  if (!text.startsWith(before) || !text.endsWith(after)) return undefined
  const inside = text.slice(before.length, text.length - after.length)
  return template.includes('{minutesAgo}') ? now - Number(inside) * 60_000 : timeOf(inside, format)
}

/** Whether a request has the fixed inputs of a stream, such as the order. */
function asksFor({ input = {} }: Stream, plan: OperationPlan, request: VendorRequest): boolean {
  return Object.entries(input).every(([name, value]) => {
    const placed = plan.inputs.find((one) => one.name === name)
    return placed === undefined || String(inputValue(request, placed, {})) === String(value)
  })
}
