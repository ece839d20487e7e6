import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exitStatus, runCli } from './index.ts'

const program = new URL('../bin/patchbay.js', import.meta.url).pathname
const integrations = new URL('../../catalog/integrations/', import.meta.url).pathname
const pagerduty = join(integrations, 'it-operations/pagerduty.yaml')

let folder: string
beforeAll(() => {
  const parent = new URL('../.tmp/', import.meta.url).pathname
  mkdirSync(parent, { recursive: true })
  folder = mkdtempSync(join(parent, 'cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly status: number
  readonly out: string
  readonly error: string
}

/** The program as a user starts it, from its sources. */
function run(args: readonly string[], script = program, more: readonly string[] = []): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=@patchbay/source', ...more, script, ...args],
      { cwd: folder, env: { ...process.env, NODE_OPTIONS: '', FORCE_COLOR: '' } },
      (error, out, stderr) => resolve({ status: typeof error?.code === 'number' ? error.code : 0, out, error: stderr }),
    )
  })
}

const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return name
}

const good = readFileSync(pagerduty, 'utf8')

describe('validate', () => {
  test('says that a good manifest is good', async () => {
    expect(await run(['validate', pagerduty])).toEqual({ status: 0, out: '1 of 1 manifest is valid\n', error: '' })
  })

  test('tells mistakes like a compiler, with a remedy and without colours', async () => {
    put('bad.yaml', good.replace('\nsummary:', '\nsummry:').replace('pagination: offset }', 'pagination: ofset }'))
    const format = await run(['validate', 'bad.yaml'])
    expect(format).toMatchObject({ status: exitStatus.found, out: '0 of 1 manifest is valid\n' })
    expect(format.error).toBe(
      'bad.yaml:8:9 unknown-key "summry" is not a key of the manifest.\n  Did you mean "summary"?\n',
    )
    put('lost.yaml', good.replace('pagination: offset }', 'pagination: ofset }'))
    const { error } = await run(['validate', 'lost.yaml'])
    expect(error).toMatch(
      /^lost\.yaml:\d+:\d+ unknown-reference "ofset" is none of the pagination that there are\.\n {2}Did you mean "offset"\?\n$/,
    )
  })

  test('gives data to programs', async () => {
    put('bad.yaml', good.replace('\nsummary:', '\nsummry:'))
    const { status, out, error } = await run(['validate', 'bad.yaml', pagerduty, '--json'])
    expect(status).toBe(exitStatus.found)
    expect(error).toBe('')
    expect(JSON.parse(out)).toMatchObject([
      {
        file: 'bad.yaml',
        valid: false,
        issues: [{ line: 8, column: 9, code: 'unknown-key', path: 'summry', level: 'error' }],
      },
      { valid: true, id: 'pagerduty', issues: [] },
    ])
  })

  test('does not let a manifest write to the terminal', async () => {
    put('hostile.yaml', good.replace('id: pagerduty', '"\\e[31mred\\u202e": 1\nid: pagerduty'))
    const { error, status } = await run(['validate', 'hostile.yaml'])
    expect(status).toBe(exitStatus.found)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
    expect(error).not.toMatch(/[\u001b\u202e]/)
  })
})

describe('types and docs', () => {
  test('write where they are told to', async () => {
    expect(await run(['types', pagerduty, '-o', 'out/pagerduty.ts'])).toMatchObject({ status: 0, out: '' })
    expect(readFileSync(join(folder, 'out/pagerduty.ts'), 'utf8')).toContain(
      'export const pagerduty: Integration<PagerdutyTypes>',
    )
    const { out } = await run(['docs', pagerduty])
    expect(out).toMatch(/^# PagerDuty\n/)
    expect(JSON.parse((await run(['docs', pagerduty, '--openapi'])).out)).toMatchObject({ openapi: '3.1.0' })
  })

  test('a page of Swagger UI is a folder with all that it needs', async () => {
    expect(await run(['docs', pagerduty, '--html', '-o', 'page'])).toMatchObject({ status: 0 })
    for (const file of ['index.html', 'swagger-ui/swagger-ui-bundle.js', 'swagger-ui/swagger-ui.css'])
      expect(existsSync(join(folder, 'page', file)), file).toBe(true)
  })

  test('make nothing out of a manifest that is not valid', async () => {
    put('bad.yaml', good.replace('effect: read', 'effect: red'))
    const { status, out, error } = await run(['types', 'bad.yaml'])
    expect({ status, out }).toEqual({ status: exitStatus.found, out: '' })
    expect(error).toContain('Did you mean "read"?')
  })
})

const description = (limit: object): string =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Lamps', version: '1' },
    servers: [{ url: 'https://api.lamps.example' }],
    paths: {
      '/lamps': {
        get: {
          operationId: 'listLamps',
          parameters: [{ name: 'limit', in: 'query', ...limit, schema: { type: 'integer' } }],
          responses: {
            200: {
              description: 'ok',
              content: { 'application/json': { schema: { type: 'array', items: { type: 'object' } } } },
            },
          },
        },
      },
      '/lamps/{id}': {
        get: {
          operationId: 'getLamp',
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          responses: { 200: { description: 'ok' } },
        },
      },
    },
  })

describe('descriptions', () => {
  test('become manifests that are valid', async () => {
    put('lamps.json', description({}))
    const { status, error } = await run(['from-openapi', 'lamps.json', '-o', 'lamps.yaml', '--id', 'lamps'])
    expect({ status, written: error.split('\n')[0] }).toEqual({ status: 0, written: 'wrote lamps.yaml' })
    expect(error).toContain('2 of 2 operations written')
    expect((await run(['validate', 'lamps.yaml'])).status).toBe(0)
    const { out } = await run(['from-openapi', 'lamps.json', '--operations', 'getLamp', '--json'])
    expect(JSON.parse(out)).toMatchObject({ report: { described: 2, written: 1 } })
  })

  test('of GraphQL too', async () => {
    put('lamps.graphql', 'type Query { lamp(id: ID!): Lamp } type Lamp { id: ID! name: String }')
    expect(await run(['from-graphql', 'lamps.graphql', '-o', 'graphql.yaml'])).toMatchObject({ status: 0 })
    expect((await run(['validate', 'graphql.yaml'])).status).toBe(0)
  })

  test('of SOAP too, with the files that a WSDL imports', async () => {
    cpSync(new URL('../../api/src/connectors/soap/fixtures/crm', import.meta.url), join(folder, 'crm'), {
      recursive: true,
    })
    const { status, error } = await run(['from-wsdl', 'crm/crm.wsdl', '-o', 'crm.yaml', '--vendor', 'Acme'])
    expect({ status, told: error.split('\n').slice(0, 2) }).toEqual({
      status: 0,
      told: ['wrote crm.yaml', expect.stringMatching(/^5 of 5 operations written, \d+ decisions taken, 1 remarks/)],
    })
    expect(await run(['validate', 'crm.yaml'])).toMatchObject({ status: 0 })
    const text = readFileSync(join(folder, 'crm.yaml'), 'utf8')
    put('wrong.yaml', text.replace('output: customer:GetCustomerResponse', 'output: customer:GetCustomerRespons'))
    expect((await run(['validate', 'wrong.yaml'])).error).toMatch(/Did you mean "customer:GetCustomerResponse"\?/)
    put('lost.yaml', text.replace('base: base:Record', 'base: base:Rekord'))
    expect((await run(['validate', 'lost.yaml'])).error).toMatch(/xml-schema The schemas names? .*Rekord/)
  })

  test('are compared; breaking changes count', async () => {
    put('old.json', description({}))
    put('new.json', description({ required: true }))
    const { status, out } = await run(['diff', 'old.json', 'new.json'])
    expect(status).toBe(exitStatus.found)
    expect(out).toMatch(/^breaking \S+ GET \/lamps query\.limit: .+\n1 breaking and 0 compatible changes\n$/)
    expect((await run(['diff', 'old.json', 'new.json', '--operations', 'getLamp'])).status).toBe(0)
    expect(JSON.parse((await run(['diff', 'old.json', 'old.json', '--json'])).out)).toMatchObject({
      breaking: 0,
      changes: [],
    })
  })

  test('that are none are told as such', async () => {
    put('none.json', '{"a": 1}')
    const { status, error } = await run(['from-openapi', 'none.json'])
    expect(status).toBe(exitStatus.found)
    expect(error).toMatch(/^patchbay: none\.json: .+\n$/)
    expect(error).not.toContain('    at ')
  })
})

describe('new integration', () => {
  test('makes a folder whose manifest is valid and whose test passes', async () => {
    expect(await run(['new', 'integration', 'lamp-works'])).toMatchObject({ status: 0 })
    const made = join(folder, 'lamp-works')
    expect((await run(['validate', 'lamp-works/manifest.yaml'])).status).toBe(0)
    const { status, out } = await run([], join(made, 'lamp-works.test.js'), ['--test'])
    expect(status, out).toBe(0)
    expect(out).toMatch(/pass 2/)
    expect(await run(['new', 'integration', 'lamp-works'])).toMatchObject({ status: exitStatus.unreadable })
  })

  test('in a checkout the manifest goes into the catalog', async () => {
    mkdirSync(join(folder, 'packages/catalog/integrations'), { recursive: true })
    expect(await run(['new', 'integration', 'lamp-two', '--category', 'cloud'])).toMatchObject({ status: 0 })
    expect((await run(['validate', 'packages/catalog/integrations/cloud/lamp-two.yaml'])).status).toBe(0)
    rmSync(join(folder, 'packages'), { recursive: true })
  })
})

test.each([
  [[], exitStatus.usage, ''],
  [['frobnicate'], exitStatus.usage, 'there is no command frobnicate'],
  [['validate'], exitStatus.usage, 'name at least one manifest'],
  [['validate', 'x.yaml', '--jsn'], exitStatus.usage, "Unknown option '--jsn'"],
  [['validate', 'nowhere.yaml'], exitStatus.unreadable, 'nowhere.yaml: there is no such file'],
  [['types', '.'], exitStatus.unreadable, 'it is a folder'],
  [['docs', 'x.yaml', '--html'], exitStatus.usage, '-o'],
  [['from-openapi', 'nowhere.json'], exitStatus.unreadable, 'nowhere.json'],
  [['from-openapi', 'a.json', '--max', 'many'], exitStatus.usage, '--max'],
  [['new', 'integration', 'Not Kebab'], exitStatus.usage, 'kebab-case'],
  [['new', 'thing', 'x'], exitStatus.usage, 'new integration'],
] as const)('%j ends with %i', async (args, status, message) => {
  const told = { out: '', error: '' }
  const ended = await runCli(args, {
    out: (text) => {
      told.out += text
    },
    error: (text) => {
      told.error += text
    },
    colours: false,
    folder,
  })
  expect(ended).toBe(status)
  expect(told.error).toContain(message)
  expect(told.error).not.toContain('    at ')
})

test('help names every command', async () => {
  const { out, status } = await run(['--help'])
  expect(status).toBe(0)
  for (const name of ['validate', 'types', 'docs', 'from-openapi', 'from-graphql', 'from-wsdl', 'diff', 'new'])
    expect(out).toContain(name)
  expect((await run(['diff', '--help'])).out).toMatch(/^patchbay diff <older> <newer>/)
})
