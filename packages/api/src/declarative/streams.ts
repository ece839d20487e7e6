import { patchbayError, type Schema, type StreamPage, type StreamSpec } from '@patchbay/core'
import { type HttpPage, pathReader } from '@patchbay/core/http'
import { manifestFault } from './manifest-fault.ts'
import { entryOf, type InputEntry, type Manifest, type StreamEntry, type Values } from './manifest-parts.ts'
import { itemSchema } from './operations/output-reader.ts'
import { paginationOf } from './pagination/declared-paging.ts'
import { mayShift, walkByTime } from './walk-by-time.ts'

type Pages = { pages(): AsyncIterable<{ readonly output: HttpPage<unknown>; readonly last: boolean }> }
type List = (input: Values) => Pages
type Timed = Extract<StreamEntry['cursor'], { kind: 'time' }>

type Spec = StreamSpec<unknown, unknown>

/** A stream of a manifest as core reads it, and the same with inputs of one's own. Nothing is compiled before it is used. */
export function declaredStream(
  manifest: Manifest,
  name: string,
  entry: StreamEntry,
): Spec & { with(input: Values): Spec } {
  return Object.assign(streamSpec(manifest, name, entry), {
    with(input: Values) {
      const taken = Object.keys(input).find((key) => !mayBeChosen(entry, key))
      if (taken === undefined)
        return streamSpec(manifest, name, { ...entry, input: { ...input, ...entry.input } } as StreamEntry)
      const message = 'is settled by the stream itself; leave it out'
      throw patchbayError({
        kind: 'config',
        message: `the stream ${name} of ${manifest.id}`,
        issues: [{ path: taken, message }],
      })
    },
  })
}

function mayBeChosen({ input, cursor }: StreamEntry, name: string): boolean {
  if (name === '$page' || (input !== undefined && Object.hasOwn(input, name))) return false
  return cursor.kind === 'opaque' || cursor.input !== name
}

function streamSpec(manifest: Manifest, name: string, entry: StreamEntry): Spec {
  const { cursor } = entry
  const identity = lazily(() => pathReader(entry.id))
  const key = (item: unknown): string => {
    const id = identity()(item)
    if (typeof id === 'string' || typeof id === 'number') return String(id)
    throw manifestFault(`streams.${name}.id`, `there is no text or number at ${entry.id} of a record`)
  }
  const record = lazily((): Schema => {
    const operation = entryOf(manifest.operations, entry.operation)
    if (operation === undefined) throw manifestFault(`streams.${name}.operation`, 'names no operation')
    return itemSchema(manifest, operation)
  })
  if (cursor.kind === 'opaque')
    return {
      name,
      key,
      order: cursor.order,
      boundary: 'exclusive',
      cursorKind: 'opaque',
      get record() {
        return record()
      },
      read: (connection, from) =>
        opaquePages(listOf(connection, entry.operation), { ...entry.input, $page: from.cursor }),
    }
  const times = lazily(() => timesOf(manifest, name, entry, cursor))
  return {
    name,
    key,
    order: cursor.order,
    boundary: cursor.boundary,
    cursorKind: 'time',
    lagMs: cursor.lagMs ?? 0,
    get record() {
      return record()
    },
    position: (item) => times().position(item),
    read(connection, from) {
      const { $scope } = connection as { readonly $scope: { readonly clock: { now(): number } } }
      const list = listOf(connection, entry.operation)
      const inputFrom = (begin: string | undefined): Values => ({
        ...entry.input,
        ...times().input(begin, $scope.clock.now()),
      })
      const operation = entryOf(manifest.operations, entry.operation)
      const pagination = operation === undefined ? undefined : paginationOf(manifest, operation)
      if (pagination === undefined || !mayShift(pagination, cursor)) return pagesOf(list, inputFrom(from.cursor))
      const pages = (begin: string | undefined) => list(inputFrom(begin)).pages()
      return walkByTime({ pages, position: times().position, cursor }, from.cursor)
    },
  }
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** The connection's method of a list: its pages pass the policies like any other call. */
function listOf(connection: unknown, name: string): List {
  const [noun = '', verb = ''] = name.split('.')
  const nouns = connection as Readonly<Record<string, Readonly<Record<string, List>>>>
  const method = entryOf(entryOf(nouns, noun), verb)
  if (method === undefined) throw manifestFault('streams', `the stream reads ${name}, which is no operation`)
  return method
}

async function* pagesOf(list: List, input: Values): AsyncGenerator<StreamPage<unknown>> {
  for await (const { output } of list(input).pages()) yield { items: output.items }
}

/** The cursor behind a page is where the vendor says that the next one begins. */
async function* opaquePages(list: List, input: Values): AsyncGenerator<StreamPage<unknown>> {
  for await (const { output } of list(input).pages()) yield { items: output.items, cursor: output.next }
}

/** How times are written by the vendor and for it. */
function timesOf(manifest: Manifest, name: string, entry: StreamEntry, cursor: Timed) {
  const { format = 'iso', field, earliest, backfillMs } = cursor
  const read = pathReader(field)
  const input = entryOf(entryOf(manifest.operations, entry.operation)?.input, cursor.input)
  if (input === undefined)
    throw manifestFault(`streams.${name}.cursor.input`, `${cursor.input} is no input of the operation`)
  const first = (now: number): string | undefined => {
    const times = [
      ...(earliest === undefined ? [] : [Date.parse(earliest)]),
      ...(backfillMs === undefined ? [] : [now - backfillMs]),
    ]
    return times.length === 0 ? undefined : new Date(Math.max(...times)).toISOString()
  }
  return {
    position(item: unknown): string | undefined {
      const value = read(item)
      if (format === 'iso') return typeof value === 'string' ? value : undefined
      if (format === 'utc') return typeof value === 'string' ? zoned(value) : undefined
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      const ms = typeof number !== 'number' ? Number.NaN : format === 'unix-s' ? number * 1000 : number
      return Math.abs(ms) <= latestMs ? new Date(ms).toISOString() : undefined
    },
    input(from: string | undefined, now: number): Values {
      const begin = from ?? first(now)
      if (begin === undefined) return {}
      const time = written(begin, cursor, input)
      const minutes = Math.ceil((now - Date.parse(begin)) / 60_000) + spareMinutes
      const text = cursor.template?.replaceAll('{minutesAgo}', String(minutes)).replaceAll('{time}', () => String(time))
      return { [cursor.input]: text ?? time }
    },
  }
}

/** For clocks that differ, and for calls that wait before they are sent. What is read twice is dropped by its id. */
const spareMinutes = 5

/** The end of the year 9999: no vendor means a later one. */
const latestMs = 253_402_300_799_999

const cuts: Readonly<Record<NonNullable<Timed['precision']>, number>> = {
  day: 10,
  minute: 16,
  s: 19,
  ms: 23,
  us: 26,
  ns: 29,
}

/** A time that its vendor writes without the zone, which would else be read in that of this machine. */
const zoned = (text: string): string => (/^\d{4}-\d{2}-\d{2} [\d:.]+$/.test(text) ? `${text.replace(' ', 'T')}Z` : text)

/** A time as the operation's input takes it; never later than it is, so that nothing is skipped. */
function written(begin: string, { format = 'iso', precision }: Timed, { type }: InputEntry): unknown {
  if (format === 'iso') return precision === undefined ? begin : cutTo(begin, precision)
  // Of dates the date alone is left, of all others no zone.
  if (format === 'utc')
    return cutTo(begin, precision ?? 's')
      .replace('T', ' ')
      .replace(/Z$/, '')
  const ms = Date.parse(begin)
  const number = Math.floor(format === 'unix-s' ? ms / 1000 : ms)
  return [type].flat().some((one) => one === 'integer' || one === 'number') ? number : String(number)
}

/** In UTC, as exact as the vendor reads; what the vendor wrote itself stays as it is where it is no more exact than that. */
function cutTo(begin: string, precision: NonNullable<Timed['precision']>): string {
  const length = cuts[precision]
  const own = /^(\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2})(?:[.,](\d+))?([Zz])$/.exec(begin)
  if (own === null) {
    const ms = Date.parse(begin)
    // A date, or a time with an offset, that the vendor wrote: only one that is no time at all is left to the vendor to refuse.
    if (Number.isNaN(ms) || begin.length <= 10) return begin
    return cutTo(new Date(ms).toISOString(), precision)
  }
  const [, whole = '', fraction = ''] = own
  if (precision === 'day') return whole.slice(0, length)
  if (precision === 'minute') return `${whole.slice(0, length)}:00Z`
  const digits = fraction.slice(0, length - 20)
  return precision === 's' || digits === '' ? `${whole}Z` : `${whole}.${digits}Z`
}
