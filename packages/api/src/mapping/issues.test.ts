import { isPatchbayError } from '@patchbay/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkMapping, compileMapping } from './compile-mapping.ts'
import { ticketMapping, vendorTicketSchema } from './fixtures/vendor-ticket.ts'
import { models } from './models/index.ts'

const options = { target: models.ticket, source: vendorTicketSchema }
const good = { id: { from: 'id', text: true }, title: 'summary', status: { constant: 'open' } }

function issues(fields: object, more: object = {}): readonly string[] {
  return checkMapping({ fields: { ...good, ...fields }, ...more }, options).map(
    ({ path, message }) => `${path}: ${message}`,
  )
}

test('a good spec has none', () => {
  expect(checkMapping(ticketMapping, options)).toEqual([])
  expect(issues({})).toEqual([])
})

// biome-ignore format: a table
const cases: readonly (readonly [fields: object, path: string, says: string])[] = [
  [{ titel: 'summary' }, 'fields.titel', 'no such field; it has id, key, url, title'],
  [{ key: 'reff' }, 'fields.key', 'the source has no reff; it has id, ref, summary'],
  [{ key: 'author.names.long' }, 'fields.key', 'no author.names.long; it has full, short'],
  [{ key: "children[?knd == 'x'].title | [0]" }, 'fields.key', 'no children[].knd'],
  [{ key: 'id' }, 'fields.key', 'gives integer where the model has string'],
  [{ key: 'tags' }, 'fields.key', 'gives array where the model has string'],
  [{ labels: 'summary' }, 'fields.labels', 'gives string where the model has array'],
  [{ key: 'a b' }, 'fields.key', 'line 1, column 3'],
  [{ key: 'lenght(ref)' }, 'fields.key', 'there is no function lenght()'],
  [{ key: '!author.login' }, 'fields.key', 'write !(a.b)'],
  [{ key: 5 }, 'fields.key', 'must be a path or expression, or a rule'],
  [{ key: { form: 'ref' } }, 'fields.key.form', 'is not known here; use from, default'],
  [{ key: { from: 'ref', table: { A: 'x' }, date: { unit: 's' } } }, 'fields.key.date', 'is not known here'],
  [{ status: { constant: 'opened' } }, 'fields.status.constant', 'vocabulary of the model; it has "new", "open"'],
  [{ status: { from: 'prio', table: { P1: 'urgent' } } }, 'fields.status.table.P1', 'vocabulary'],
  [{ status: { from: 'prio', default: 'urgent' } }, 'fields.status.default', 'vocabulary'],
  [{ status: { from: 'prio', table: {}, unknown: 'skip' } }, 'fields.status.unknown', 'must be "default", "error" or'],
  [{ status: { from: 'prio', table: {}, unknown: { keep: 'nowhere' } } }, 'fields.status.unknown.keep', 'no field nowhere'],
  [{ createdAt: { from: 'created', date: { unit: 'minutes' } } }, 'fields.createdAt.date.unit', 'must be "s", "ms" or "iso"'],
  [{ createdAt: { from: 'created', date: { unit: 's', to: 'ms' } } }, 'fields.createdAt', 'gives integer where the model has string'],
  [{ createdAt: { from: 'created', date: { unit: 's', zone: 'CET' } } }, 'fields.createdAt.date.zone', 'must be an offset'],
  [{ key: { from: 'id', number: true } }, 'fields.key', 'gives number where the model has string'],
  [{ key: { from: 'id', number: true, text: true } }, 'fields.key', 'cannot be text and number at once'],
  [{ key: { from: 'id', number: { multiply: 0 } } }, 'fields.key.number.multiply', 'must be a number other than 0'],
  [{ team: { object: { title: 'prio' } } }, 'fields.team.object.id', 'the model requires this field'],
  [{ team: { object: { id: 'prio', colour: 'prio' } } }, 'fields.team.object.colour', 'no such field'],
  [{ related: { list: { from: 'children', each: { object: { id: 'nope' } } } } }, 'fields.related.list.each.object.id', 'no children[].nope; it has id, kind'],
  [{ related: { list: { from: 'summary', each: { object: { id: '@' } } } } }, 'fields.related.list.from', 'gives string, not a list'],
  [{ related: { list: { form: 'children' } } }, 'fields.related.list.form', 'use from, each'],
  [{ key: { object: { a: 'id' } } }, 'fields.key', 'gives object where the model has string'],
]

test.each(cases)('%j', (fields, path, says) => {
  expect(
    issues(fields).filter((issue) => issue.startsWith(`${path}: `) && issue.includes(says)),
    issues(fields).join('\n'),
  ).not.toEqual([])
})

test('of fields of which a model needs one', () => {
  const about = (fields: object) =>
    checkMapping({ fields: fields as never }, { target: models['ocsf-3002'] })
      .map(({ path, message }) => `${path}: ${message}`)
      .filter((text) => text.includes('service') || text.includes('dst_endpoint'))
  expect(about({})).toEqual([
    'fields: the model requires service or dst_endpoint; map one of them or give it a constant',
  ])
  expect(about({ service: { object: { name: { constant: 'Mail' } } } })).toEqual([])
  expect(about({ dst_endpoint: { object: { ip: 'address' } } })).toEqual([])
})

test('of the whole spec', () => {
  expect(checkMapping({ fields: {} }, options).map(({ path }) => path)).toEqual([
    'fields.id',
    'fields.title',
    'fields.status',
  ])
  expect(checkMapping(null, options).map(({ path }) => path)).toEqual(['', 'fields'])
  expect(issues({}, { raw: 'nowhere' })).toEqual(['raw: must be a field of the model'])
  expect(issues({}, { raw: 'title' })).toEqual(['raw: title is mapped already'])
  expect(issues({}, { version: 2, model: 'asset', extra: 1 })).toHaveLength(3)
  expect(issues({}, { unmapped: ['links.self', 'length(a)', 'a..b'] }).map((text) => text.split(':')[0])).toEqual([
    'unmapped.1',
    'unmapped.2',
  ])
})

test('of rules that nest without end', () => {
  let rule: unknown = 'x'
  for (let level = 0; level < 50_000; level++)
    rule = level % 2 === 0 ? { object: { a: rule } } : { list: { from: 'a', each: rule } }
  expect(checkMapping({ fields: { custom: rule } }, { target: { ...models.ticket, schema: {} } })).toEqual([
    { path: expect.any(String), message: 'is nested more than 16 levels deep' },
  ])
})

test('the error of compileMapping holds them all', () => {
  const failing = (): unknown => compileMapping({ fields: { ...good, titel: 'x' } as never }, options)
  expect(failing).toThrow(expect.objectContaining({ kind: 'config', code: 'mapping' }))
  try {
    failing()
  } catch (error) {
    expect(isPatchbayError(error) && error.issues.map(({ path }) => path)).toEqual(['fields.titel', 'fields.titel'])
  }
})

test('any spec gives a mapping or issues', () => {
  const word = fc.constantFrom(
    'from',
    'table',
    'date',
    'list',
    'object',
    'constant',
    'default',
    'unknown',
    'unit',
    'each',
    'fields',
    'raw',
    'unmapped',
    'id',
    'status',
    'title',
    '__proto__',
  )
  const soup = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<unknown>('a', 'a[]', '@', 1, true, null, 's', 'iso'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(word, tie('value'), { maxKeys: 4 }),
    ),
  })).value
  fc.assert(
    fc.property(soup, (spec) => {
      for (const { path, message } of checkMapping(spec, options))
        expect([typeof path, message.length > 0]).toEqual(['string', true])
    }),
    { numRuns: 3000 },
  )
})
