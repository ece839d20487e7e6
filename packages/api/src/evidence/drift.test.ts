import { expect, test } from 'vitest'
import { driftOf } from './drift.ts'
import { description, lampFacts, manifest } from './fixtures/lamps.ts'

test('a newer document: used operations that are gone or changed, and those that are new', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: a document of a vendor
  const newer = structuredClone(description) as any
  newer.paths['/lamps'].get.parameters.push({ name: 'floor', in: 'query', required: true, schema: { type: 'integer' } })
  newer.paths['/lights'] = { post: newer.paths['/lamps'].post }
  delete newer.paths['/lamps'].post
  delete newer.paths['/lamps/{lampId}']
  newer.paths['/doors'] = { get: { responses: {} } }
  delete newer.paths['/rooms']
  expect(driftOf(await lampFacts(), await lampFacts(manifest, newer))).toEqual([
    { operation: 'GET /doors', change: 'added', what: '' },
    { operation: 'GET /lamps', change: 'changed', what: 'parameters' },
    { operation: 'GET /lamps/{lampId}', change: 'removed', what: '' },
    { operation: 'POST /lamps', change: 'removed', what: 'now POST /lights' },
    { operation: 'POST /lights', change: 'added', what: '' },
  ])
  expect(driftOf(await lampFacts(), await lampFacts())).toEqual([])
})
