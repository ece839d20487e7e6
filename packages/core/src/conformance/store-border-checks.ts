import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { systemClock } from '../clock.ts'
import { isPatchbayError } from '../errors.ts'
import type { Store, Write } from '../store.ts'
import { append, put, readValue, type StoreCheck, storeCheck, writeOne } from './store-subject.ts'

/** Refused before anything is changed, naming the field and never the value. */
async function refuses(call: Promise<unknown>, path: string, value?: unknown): Promise<void> {
  await rejects(call, (error) => {
    ok(isPatchbayError(error), `not a PatchbayError: ${error}`)
    equal(error.kind, 'invalid-input')
    equal(error.sent, 'none')
    equal(error.issues[0]?.path, path)
    if (typeof value === 'string' && value.length > 3) ok(!error.message.includes(value), 'the error shows the value')
    return true
  })
}

const badKeys = [
  '',
  'nul\0',
  'lone \ud800',
  '\udc00lone',
  'k'.repeat(513),
  'é'.repeat(257),
  '\u{1f600}'.repeat(129),
  7,
  null,
]

const values = [
  ...[
    '',
    '\0',
    'a\0b',
    '\u0001',
    '\u0001\u0002',
    '\0\u0001\0',
    ' \t\r\n',
    `'"\\%_$1?`,
    '{"json":[1,2.5,null]}',
    '12',
    'null',
  ],
  ...['é', 'e\u0301', '\ufeffbom', '\uffff', '\u{10ffff}', '\u{1f600}', '\\x00', '\\u0000'],
]

async function refusesAfterClose(store: Store): Promise<void> {
  const calls = [
    store.get('key'),
    store.write([[{ kind: 'put', key: 'key', value: 'late' }]]),
    store.list(''),
    store.read('log', 0),
    store.trim('log', 1),
  ]
  for (const [index, call] of (await Promise.allSettled(calls)).entries()) {
    ok(call.status === 'rejected', `call ${index} after close succeeded`)
    ok(isPatchbayError(call.reason), `not a PatchbayError: ${call.reason}`)
    equal(call.reason.code, 'store-closed')
    equal(call.reason.retry, 'never')
  }
}

export const storeBorderChecks: readonly StoreCheck[] = [
  storeCheck('a key or log name that some engine could not keep is refused', async ({ store }) => {
    for (const bad of badKeys) {
      const key = bad as string
      await refuses(store.get(key), 'key', key)
      await refuses(store.read(key, 0), 'log', key)
      await refuses(store.trim(key, 1), 'log', key)
      await refuses(writeOne(store, { kind: 'delete', key }), 'groups[0][0].key', key)
      const good: Write = { kind: 'put', key: 'good', value: 'x' }
      await refuses(store.write([[good], [good, { kind: 'put', key, value: 'x' }]]), 'groups[1][1].key', key)
      await refuses(store.write([[good, { kind: 'append', log: key, value: 'x' }]]), 'groups[0][1].log', key)
    }
    equal(await store.get('good'), undefined, 'a call that was refused changed something')
    await refuses(store.list('nul\0'), 'prefix')
    await refuses(store.list('', { after: '\ud800' }), 'after')
  }),
  storeCheck('the longest key works, in every place', async ({ store }) => {
    for (const key of ['k'.repeat(512), 'é'.repeat(256), '\u{1f600}'.repeat(128)]) {
      await put(store, key, 'x')
      equal(await readValue(store, key), 'x')
      await append(store, key, 'record')
      equal((await store.read(key, 0)).length, 1)
      equal((await store.list(key)).length, 1)
      equal((await store.list('', { after: key, limit: 1 }))[0]?.key === key, false)
    }
  }),
  storeCheck('numbers outside their range are refused', async ({ store }) => {
    for (const limit of [0, -1, 1001, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await refuses(store.list('', { limit }), 'limit')
      await refuses(store.read('log', 0, limit), 'limit')
    }
    for (const offset of [0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await refuses(store.read('log', offset), 'after')
      await refuses(store.trim('log', offset), 'upTo')
    }
    for (const ttlMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2e12]) {
      await refuses(put(store, 'key', 'x', ttlMs), 'groups[0][0].ttlMs')
    }
    await put(store, 'key', 'x', 1e12)
    equal(await readValue(store, 'key'), 'x')
  }),
  storeCheck('a value comes back as it was, also from a log', async ({ store }) => {
    for (const [at, value] of values.entries()) {
      await put(store, `value ${at}`, value)
      equal(await readValue(store, `value ${at}`), value)
      await append(store, 'values', value)
    }
    deepEqual(
      (await store.read('values', 0)).map((record) => record.value),
      values,
    )
    deepEqual(new Set((await store.list('value ')).map(({ value }) => value)), new Set(values))
  }),
  storeCheck('a value that is no text is refused', async ({ store }) => {
    for (const bad of ['lone \ud800', 7, null, undefined]) {
      const value = bad as string
      await refuses(put(store, 'key', value), 'groups[0][0].value', value)
      await refuses(append(store, 'log', value), 'groups[0][0].value', value)
    }
  }),
  storeCheck('values of 1 MiB come back whole', async ({ store }) => {
    const big = 'é\u{1f600}"\\'.repeat(Math.ceil((1024 * 1024) / 8))
    await writeOne(store, { kind: 'put', key: 'big', value: big }, { kind: 'append', log: 'big', value: big })
    ok((await readValue(store, 'big')) === big, 'the entry is not what was put')
    ok((await store.read('big', 0))[0]?.value === big, 'the record is not what was appended')
    ok((await store.list('big'))[0]?.value === big, 'the listed entry is not what was put')
  }),
  storeCheck('close waits for the calls under way, and later calls are refused', async ({ store }) => {
    await put(store, 'key', 'x')
    let settled = 0
    const calls = [
      put(store, 'key', 'y'),
      append(store, 'log', 'x'),
      store.get('key'),
      store.list(''),
      store.trim('log', 0),
    ]
    const outcomes = Promise.allSettled(calls.map((call) => call.finally(() => settled++)))
    await Promise.all([store.close(), store.close()])
    await new Promise<void>((resolve) => systemClock.afterInput(resolve))
    equal(settled, calls.length, 'close resolved before the calls under way')
    for (const outcome of await outcomes) equal(outcome.status, 'fulfilled')
    await refusesAfterClose(store)
    await store.close()
  }),
]
