import { describe, expect, test } from 'vitest'
import type { Manifest } from '../declarative/manifest-parts.ts'
import { factsText } from './facts-text.ts'
import { description, lampFacts, manifest, ref } from './fixtures/lamps.ts'
import { verify } from './verify.ts'

// biome-ignore lint/suspicious/noExplicitAny: what is changed is wrong on purpose
type Change = (copy: Manifest & { operations: Record<string, any> }) => void

/** The problems of a manifest in which something was changed. */
async function problemsOf(change: Change): Promise<readonly string[]> {
  const copy = structuredClone(manifest) as never
  change(copy)
  return verify(copy, [await lampFacts()]).problems
}

test('a manifest that agrees is E1 in every operation', async () => {
  const { level, problems, operations } = verify(manifest, [await lampFacts()])
  expect(problems).toEqual([])
  expect(level).toBe('E1')
  expect(operations.map(({ operation, level: one, found }) => [operation, one, found])).toEqual([
    ['lamp.list', 'E1', 'GET /lamps'],
    ['lamp.get', 'E1', 'GET /lamps/{lampId}'],
    ['lamp.create', 'E1', 'POST /lamps'],
  ])
})

test('facts hold no prose, survive being stored, and come in one order', async () => {
  const facts = await lampFacts()
  const text = factsText(facts)
  expect(text).not.toMatch(/Prose|never kept|"Lamps"/)
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(facts)))
  expect(facts.others).toEqual(['GET /rooms'])
  expect(verify(manifest, [JSON.parse(text)]).problems).toEqual([])
  expect(factsText(await lampFacts())).toBe(text)
})

describe('what contradicts the source is told', () => {
  const cases: readonly (readonly [string, Change, RegExp])[] = [
    [
      'path',
      (one) => {
        one.operations['lamp.list'].request = 'GET /lamp'
      },
      /^lamp\.list: sends to \/lamp; the source has \/lamps/,
    ],
    [
      'method',
      (one) => {
        one.operations['lamp.create'].request = 'PUT /lamps'
      },
      /sends PUT; the source has POST/,
    ],
    [
      'base path',
      (one) => {
        one.deployments[0] = { ...one.deployments[0], url: 'https://api.lamps.example/v2' } as never
      },
      /none of its base URLs ends like/,
    ],
    [
      'id',
      (one) => {
        one.operations['lamp.list'].source = 'listLamp'
        one.operations['lamp.list'].request = 'GET /other'
      },
      /names listLamp, which the source does not have/,
    ],
    [
      'required parameter left out',
      (one) => {
        delete one.operations['lamp.list'].input.house
      },
      /query house is never sent; the source requires it/,
    ],
    [
      'required parameter optional',
      (one) => {
        one.operations['lamp.list'].input.house.required = false
      },
      /query house may be left out/,
    ],
    [
      'place',
      (one) => {
        one.operations['lamp.list'].input.state.in = 'header'
      },
      /header state \(input state\): the source has it in the query/,
    ],
    [
      'unknown query key',
      (one) => {
        one.operations['lamp.list'].input.state.as = 'status'
      },
      /query status .*the source does not know it/,
    ],
    [
      'pagination key',
      (one) => {
        one.pagination = { pages: { kind: 'page', page: 'p' } }
      },
      /query p \(pagination\)/,
    ],
    [
      'listed value',
      (one) => {
        one.operations['lamp.list'].input.state.enum = ['dim']
      },
      /ours lists values that theirs refuses/,
    ],
    [
      'credential',
      (one) => {
        one.credentials = [{ id: 'basic', scheme: 'basic', settle: {} }] as never
      },
      /the credential basic \(basic\) is not among: api-key in header X-Lamp-Key, or bearer/,
    ],
    [
      'body field',
      (one) => {
        one.operations['lamp.create'].input.watts.as = 'watt'
      },
      /body watt: a sampled body is refused/,
    ],
    [
      'body type',
      (one) => {
        one.operations['lamp.create'].input.watts.type = 'string'
      },
      /body watts: ours allows a type that theirs refuses/,
    ],
    [
      'body required',
      (one) => {
        one.operations['lamp.create'].input.state.required = false
      },
      /body state: theirs requires a field that ours may leave out/,
    ],
    [
      'no body',
      (one) => {
        delete one.operations['lamp.create'].input.state
        delete one.operations['lamp.create'].input.watts
      },
      /sends no body; the source requires one/,
    ],
    [
      'answer type',
      (one) => {
        one.schemas = { Lamp: { type: 'object', properties: { watts: { type: 'string' } } } }
      },
      /answer lamps\.\*\.watts: their values may be of a type that ours refuses/,
    ],
    [
      'answer required',
      (one) => {
        one.schemas = { Lamp: { type: 'object', required: ['watts'], properties: { watts: {} } } }
      },
      /ours requires a field that theirs may leave out/,
    ],
    [
      'what an expression gives',
      (one) => {
        one.operations['lamp.create'].output.schema.properties.id.type = 'integer'
      },
      /answer id: a sampled one is refused/,
    ],
  ]
  test.each(cases)('%s', async (_name, change, message) => {
    expect((await problemsOf(change)).join('\n')).toMatch(message)
  })
})

describe('corrections', () => {
  const wrong: Change = (one) => {
    one.operations['lamp.create'].input.watts.as = 'watt'
  }
  const correction = {
    operation: 'lamp.create',
    fact: 'body',
    name: 'watt',
    reason: 'The document is old.',
    link: 'https://lamps.example',
  }

  test('explain what they name, and are counted', async () => {
    const copy = structuredClone(manifest) as never
    wrong(copy)
    ;(copy as { corrections: unknown }).corrections = [correction]
    const { problems, corrected, level } = verify(copy, [await lampFacts()])
    expect({ problems, corrected, level }).toEqual({ problems: [], corrected: 1, level: 'E1' })
  })

  test.each([
    ['another name', { ...correction, name: 'volts' }],
    ['another operation', { ...correction, operation: 'lamp.get' }],
    ['no name', { ...correction, name: undefined }],
  ])('with %s explain nothing, which is told', async (_name, other) => {
    const problems = await problemsOf((one) => {
      wrong(one)
      one.corrections = [other] as never
    })
    expect(problems).toHaveLength(2)
    expect(problems[1]).toMatch(/explains no contradiction/)
  })

  test('of every name of one operation say so', async () => {
    const problems = await problemsOf((one) => {
      wrong(one)
      one.corrections = [{ ...correction, name: '*' }] as never
    })
    expect(problems).toEqual([])
  })
})

describe('sources', () => {
  test('an operation that none has is E4, with the reason, and lowers the whole', async () => {
    const copy = structuredClone(manifest)
    copy.operations['room.paint'] = {
      summary: 'Paints.',
      request: 'POST /rooms/{id}/paint',
      effect: 'write',
      input: { id: { in: 'path', type: 'string' } },
    }
    const { level, operations, problems } = verify(copy, [await lampFacts()])
    expect({ level, problems }).toEqual({ level: 'E4', problems: [] })
    expect(operations.at(-1)).toMatchObject({ level: 'E4', reason: 'none of the sources has it' })
  })

  test('one whose facts were not kept asks for new facts', async () => {
    const copy = structuredClone(manifest)
    copy.operations['room.list'] = { summary: 'Rooms.', request: 'GET /rooms', effect: 'read' }
    expect(verify(copy, [await lampFacts()]).problems).toEqual([
      `room.list: the facts of ${ref} are older than the manifest; make them anew`,
    ])
  })

  test('facts of another document do not count', async () => {
    const copy = structuredClone(manifest)
    copy.sources = [{ id: 'rest', kind: 'openapi', ref, sha256: '0'.repeat(64) }]
    const { level, problems } = verify(copy, [await lampFacts()])
    expect(level).toBe('E4')
    expect(problems.join()).toMatch(/the facts are of another document/)
    expect(verify(manifest, []).problems).toEqual([`sources rest: there are no facts of ${ref}`])
  })

  test('an older source that disagrees lowers nothing when a second one agrees', async () => {
    // biome-ignore lint/suspicious/noExplicitAny: a document of a vendor
    const old = structuredClone(description) as any
    old.paths['/lamps'].get.parameters[0].name = 'building'
    const copy = structuredClone(manifest)
    copy.sources = [{ id: 'old', kind: 'openapi', ref: 'npm:lamps@0.1.0#openapi.json' }, ...copy.sources]
    copy.operations['lamp.list'] = { ...copy.operations['lamp.list'], source: undefined } as never
    const facts = { ...(await lampFacts(manifest, old)), ref: 'npm:lamps@0.1.0#openapi.json' }
    copy.operations['lamp.create'] = { ...copy.operations['lamp.create'], source: 'rest#createLamp' } as never
    const { problems, operations } = verify(copy, [facts, await lampFacts()])
    expect(problems).toEqual([])
    expect(operations[0]).toMatchObject({ level: 'E1', source: ref })
  })

  test('a client gives E2, a protocol E3, a live answer E5', async () => {
    const copy = structuredClone(manifest)
    copy.sources = [{ id: 'client', kind: 'client', ref: 'npm:lamp-client@1.0.0' }]
    for (const one of Object.values(copy.operations)) delete one.source
    const client = {
      kind: 'client',
      ref: 'npm:lamp-client@1.0.0',
      sha256: '',
      package: 'lamp-client',
      others: [],
      paths: { '/lamps': ['GET'], '/lamps/{}': [] },
    } as const
    const { operations } = verify(copy, [client], { live: ['lamp.get'] })
    expect(operations.map(({ level }) => level)).toEqual(['E2', 'E5', 'E2'])
    expect(operations[2]?.contradictions).toMatchObject([{ fact: 'method' }])
    copy.sources = [{ id: 'scim', kind: 'protocol', ref: 'rfc:7644' }]
    copy.operations = {
      'user.get': {
        summary: 'A user.',
        request: 'GET /Users/{id}',
        effect: 'read',
        input: { id: { in: 'path', type: 'string' } },
      },
    }
    expect(verify(copy, []).level).toBe('E3')
  })
})
