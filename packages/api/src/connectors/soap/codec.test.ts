import { describe, expect, it } from 'vitest'
import { describeWsdlText } from './description/index.ts'
import { crm, customer } from './fixtures/crm-documents.ts'
import { DocumentPrefixes } from './schema/prefixes.ts'
import { readXml } from './schema/read-value.ts'
import { writeXml } from './schema/write-value.ts'
import { parseXml } from './xml/parse-xml.ts'
import { serializeXml } from './xml/serialize-xml.ts'

const { schemas } = await describeWsdlText(crm)
const saveCustomer = schemas.element('{urn:crm:customer}SaveCustomer')

function write(value: unknown, name = '{urn:crm:customer}SaveCustomer'): string {
  const prefixes = new DocumentPrefixes()
  const element = writeXml(schemas.element(name), value, { schemas, prefixes, issues: [] })
  prefixes.declareAt(element)
  return serializeXml(element)
}

function read(text: string, lenient = false): unknown {
  return readXml(parseXml(text), saveCustomer, { schemas, lenient, issues: [] })
}

const issuesOf = (act: () => unknown): readonly { path: string; message: string }[] => {
  try {
    act()
  } catch (error) {
    return (error as { facts: { kind: string; issues: { path: string; message: string }[] } }).facts.issues
  }
  throw new Error('nothing was refused')
}

describe('writing', () => {
  it('follows the order, the namespaces and the types of the schema', () => {
    const text = write({ customer })
    const names = [...text.matchAll(/<(n\d:)?([A-Za-z]+)[ />]/g)].map(([, prefix = '', local]) => prefix + local)
    expect(names).toEqual([
      ...[
        'n1:SaveCustomer',
        'n1:customer',
        'id',
        'home',
        'n1:street',
        'n1:city',
        'n1:name',
        'n1:born',
        'n1:changed',
        'n1:number',
      ],
      ...[
        'n1:balance',
        'n1:active',
        'n1:rank',
        'n1:score',
        'n1:level',
        'n1:phone',
        'n1:address',
        'n1:street',
        'n1:city',
      ],
      ...['n1:address', 'n1:street', 'n1:city', 'n1:country', 'n1:tag', 'n1:word', 'n1:weight', 'n1:codes', 'n1:photo'],
      ...['n1:fingerprint', 'n1:Person', 'n1:label', 'n1:first', 'n1:Company', 'n1:label', 'n1:vat', 'n1:note'],
    ])
    expect(text).toContain('<n1:changed xsi:nil="true"/>')
    expect(text).toContain('<n1:balance currency="GBP">12345678901234567890.1250</n1:balance>')
    expect(text).toContain('<n1:address xsi:type="n1:ForeignAddress">')
    expect(text).toContain('two&#xD;\nlines')
  })

  it('comes back as it was', () => {
    expect(read(write({ customer }))).toEqual({ customer: { ...customer, task: [], address: customer.address } })
  })

  it.each<[string, object, string, RegExp]>([
    ['a misspelled field', { nmae: 'x' }, 'body.customer.nmae', /is no element of this type/],
    ['a missing field', { name: undefined }, 'body.customer.name', /is missing/],
    ['both branches of a choice', { email: 'a@b' }, 'body.customer.email', /cannot stand beside/],
    ['no branch of a choice', { phone: undefined }, 'body.customer', /needs one of email, phone/],
    ['a value outside of the enumeration', { level: 'lead' }, 'body.customer.level', /one of gold, silver/],
    ['a number that lost its digits', { number: 2 ** 60 }, 'body.customer.number', /as text or bigint/],
    ['a number out of range', { rank: 2 ** 31 }, 'body.customer.rank', /from -2147483648 to/],
    ['a Date where a day is meant', { born: new Date(0) }, 'body.customer.born', /such as 2026-01-31/],
    ['a day that is none', { born: '31.01.2026' }, 'body.customer.born', /must be a date/],
    ['null where nothing may be nil', { name: null }, 'body.customer.name', /must not be null/],
    ['a control character', { name: 'a\u0000b' }, 'body.customer.name', /control character/],
    ['a missing attribute', { '@version': undefined }, 'body.customer.@version', /is missing/],
    ['an unknown attribute', { '@size': '1' }, 'body.customer.@size', /no attribute/],
    [
      'a type that does not fit',
      { home: { '#type': '{urn:crm:customer}Person', street: 'a', city: 'b' } },
      'body.customer.home.#type',
      /no type that may stand here/,
    ],
    [
      'a list item with its place',
      { address: [{ street: 'a', city: 'b' }, { street: 'a' }] },
      'body.customer.address.1.city',
      /is missing/,
    ],
  ])('names %s', (_, change, path, message) => {
    const issues = issuesOf(() => write({ customer: { ...customer, ...change } }))
    expect(issues.find((issue) => issue.path === path)?.message).toMatch(message)
  })

  it('takes bigint, Date and single items of lists', () => {
    const text = write({ customer: { ...customer, number: 12n, changed: new Date(0), tag: { word: 'w' } } })
    expect(text).toContain('<n1:number>12</n1:number>')
    expect(text).toContain('<n1:changed>1970-01-01T00:00:00.000Z</n1:changed>')
    expect(text).toContain('<n1:tag><n1:word>w</n1:word></n1:tag>')
  })

  it('refuses what holds itself instead of ending the stack', () => {
    const round: Record<string, unknown> = { name: '{urn:x}a' }
    round.content = [round]
    expect(issuesOf(() => write({ customer: { ...customer, '#any': [round] } }))[0]?.message).toMatch(/elements deep/)
  })
})

describe('reading', () => {
  const inside = (content: string, attributes = 'version="1"'): string =>
    `<c:SaveCustomer xmlns:c="urn:crm:customer" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><c:customer ${attributes}>${content}</c:customer></c:SaveCustomer>`
  const least =
    '<id>1</id><c:name>n</c:name><c:changed xsi:nil="1"/><c:number>007</c:number><c:active>0</c:active><c:email>e</c:email>'

  it('gives lists for what may repeat, also for one and none', () => {
    const { customer: found } = read(inside(`${least}<c:tag><c:word>w</c:word></c:tag>`)) as { customer: object }
    expect(found).toEqual({
      '@version': 1,
      id: '1',
      name: 'n',
      changed: null,
      number: '007',
      active: false,
      email: 'e',
      tag: [{ word: 'w' }],
      ...{ address: [], Person: [], Company: [], note: [], task: [] },
    })
  })

  it('keeps unknown elements and attributes', () => {
    const text = inside(`${least}<x:more xmlns:x="urn:x" y="1"><x:deep/>t</x:more>`, 'version="1" z="2"')
    expect(read(text)).toMatchObject({
      customer: {
        '@z': '2',
        '#any': [{ name: '{urn:x}more', attributes: { y: '1' }, content: [{ name: '{urn:x}deep' }, 't'] }],
      },
    })
  })

  it('keeps the order of a choice that repeats', () => {
    const note = '<c:note at="2026-01-31T09:30:00Z">n</c:note>'
    const { customer: found } = read(inside(`${least}<c:task>1</c:task>${note}<c:task>2</c:task>`)) as {
      customer: Record<string, unknown>
    }
    expect(found.task).toEqual(['1', '2'])
    expect((found['#content'] as object[]).slice(-3).map((one) => Object.keys(one)[0])).toEqual([
      'task',
      'note',
      'task',
    ])
    expect(write({ customer: found })).toMatch(/task>1<.*note.*task>2</)
  })

  it.each([
    ['a field of another type', least.replace('>0<', '>maybe<'), 'body.customer.active'],
    ['a missing field', least.replace('<c:name>n</c:name>', ''), 'body.customer.name'],
    ['a field that stands twice', `${least}<c:email>f</c:email>`, 'body.customer.email'],
    ['text between the elements', `${least}stray`, 'body.customer'],
    ['elements where text must stand', least.replace('>n<', '><b/><'), 'body.customer.name'],
  ])('names %s', (_, content, path) => {
    expect(issuesOf(() => read(inside(content))).map((issue) => issue.path)).toContain(path)
  })

  it('accepts what is lenient', () => {
    expect(read(inside('<id>1</id><c:active>maybe</c:active>'), true)).toMatchObject({
      customer: { id: '1', active: 'maybe' },
    })
  })

  it('takes a name of the language for a name', () => {
    const found = read(inside(`${least}<__proto__ xmlns="urn:x">a</__proto__><constructor/>`)) as { customer: object }
    expect(Object.getPrototypeOf(found.customer)).toBe(Object.prototype)
    expect(found).toMatchObject({ customer: { '#any': [{ name: '{urn:x}__proto__' }, { name: 'constructor' }] } })
  })
})
