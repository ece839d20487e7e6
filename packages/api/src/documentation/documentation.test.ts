import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConnector, operation } from '@patchbay/core'
import { none } from '@patchbay/core/credentials'
import { validate } from '@readme/openapi-parser'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type IntegrationManifest, readManifest } from '../manifest/index.ts'
import { describeConnector, describeManifest, markdownOf, openApiOf, swaggerUiFolder, swaggerUiPage } from './index.ts'
import { code, link, words } from './markdown/escape.ts'

const text = readFileSync(new URL('../manifest/fixtures/acme-desk.yaml', import.meta.url), 'utf8')
const { manifest } = readManifest(text)
if (manifest === undefined) throw new Error('the fixture is not valid')
const desk: IntegrationManifest = manifest

const coded = defineConnector({
  contract: 1,
  manifest: {
    id: 'api/coded',
    title: 'Coded <b>',
    summary: 'Made by hand.',
    version: '1.0.0',
    limits: [{ units: 5, perMs: 1000 }],
  },
  config: z.strictObject({ host: z.string() }),
  credentials: [none.scheme],
  operations: {
    'thing.get': operation(
      {
        name: 'thing.get',
        effect: 'read',
        summary: 'One thing.',
        input: z.strictObject({ id: z.string().describe('Its id | <script>') }),
        output: z.object({ id: z.string(), at: z.date().optional() }),
      },
      async () => ({}),
    ),
    'thing.delete': operation(
      {
        name: 'thing.delete',
        effect: 'write',
        risk: 'destructive',
        input: z.strictObject({ id: z.string() }),
        output: z.null(),
      },
      async () => null,
    ),
  },
  open: async () => ({}),
})

describe('Markdown', () => {
  test('of a manifest tells operations, credentials, limits, streams, webhooks and mappings', () => {
    const markdown = markdownOf(describeManifest(desk, { evidence: { 'ticket.get': 'E1' } }))
    for (const part of [
      '# Acme Desk',
      '| `cloud` | saas | `eu` | `https://{account}.eu.desk.acme.example` |',
      '| `clientSecret` | yes | yes | Client secret |',
      '| 700 per minute | account | all operations |',
      '`GET /v2/tickets/{id}`; effect read; evidence E1.',
      '`DELETE /v2/tickets/{id}`; effect idempotent; risk destructive.',
      'Gives pages of `Ticket`.',
      '| `tickets` | `ticket.list` |',
      'Verified by `hmac`.',
      '| `requester` | `Person` |',
    ])
      expect(markdown).toContain(part)
    expect(markdown, 'one operation has no evidence, so the whole has none').not.toContain('| Evidence |')
  })

  test('of any connector tells its specs', () => {
    const markdown = markdownOf(describeConnector(coded))
    expect(markdown).toContain('# Coded &lt;b&gt;')
    expect(markdown).toContain('| `id` | text | yes | Its id \\| &lt;script&gt; |')
    expect(markdown).toContain('effect write; risk destructive.')
  })

  test('texts of others stay texts', () => {
    expect(words('# a\n\n<img src=x> [b](http://c) `d` **e** | &lt; www.f.g @h ![i](j)')).toBe(
      '\\# a &lt;img src=x&gt; \\[b\\](http:\\/\\/c) \\`d\\` \\*\\*e\\*\\* \\| &amp;lt; www\\.f.g \\@h !\\[i\\](j)',
    )
    expect(words('1. x')).toBe('1\\. x')
    expect(words('- x')).toBe('\\- x')
    expect(words('a\u202Eb\u0000c')).toBe('ab c')
    expect(code('a`b``c|d')).toBe('```a`b``c\\|d```')
    expect(link('x](y', 'https://a.example/<b>(c)|d')).toBe('[x\\](y](<https://a.example/%3Cb%3E%28c%29%7Cd>)')
    for (const address of [
      'javascript:alert(1)',
      'http://a.example',
      'data:text/html,x',
      'https://user@a.example',
      '//a.example',
    ])
      expect(link('x', address)).toBe('x')
  })

  test('no text begins markup, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 40, unit: fc.constantFrom(...'<>[]()*_`|#&\\!:/@.-+=~1a \n\t\u2028') }),
        (given) => {
          const shown = words(given)
          expect(shown).not.toMatch(/[\n\r\u2028\u2029<>]/)
          expect(shown.replaceAll(/\\./g, '')).not.toMatch(/[\\`*_[\]|~]/)
          expect(shown).not.toMatch(/:\/\//)
          expect(shown).not.toMatch(/^(?:#|[-+=]|\d+[.)])/)
          expect(code(given)).not.toMatch(/[\n\r]/)
        },
      ),
    )
  })
})

describe('OpenAPI 3.1', () => {
  test("of a manifest is valid and tells the vendor's own API", async () => {
    const document = openApiOf(desk, { evidence: { 'ticket.get': 'E1' } })
    expect(await validate(structuredClone(document) as never)).toMatchObject({ valid: true })
    const paths = document.paths as Record<string, Record<string, Record<string, unknown>>>
    expect(Object.keys(paths)).toEqual(['/v2/account', '/v2/tickets', '/v2/tickets/{id}', '/v2/uploads'])
    expect(paths['/v2/tickets/{id}']?.get).toMatchObject({
      operationId: 'ticket.get',
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
      'x-patchbay': { effect: 'read', evidence: 'E1' },
    })
    expect(paths['/v2/tickets']?.post?.requestBody).toMatchObject({
      content: {
        'application/json': {
          schema: {
            required: ['ticket'],
            properties: { ticket: { properties: { comment: { required: ['body'] }, channel: { const: 'api' } } } },
          },
        },
      },
    })
    expect(paths['/v2/uploads']?.post?.servers).toMatchObject([{ url: 'https://uploads.desk.acme.example' }])
    expect(document.components?.securitySchemes).toMatchObject({
      token: { type: 'apiKey', in: 'header', name: 'Authorization' },
      app: {
        type: 'oauth2',
        flows: { clientCredentials: { tokenUrl: 'https://account.eu.desk.acme.example/oauth/token' } },
      },
      signed: { type: 'apiKey', name: 'x-acme-signature' },
    })
    expect(JSON.stringify(document)).not.toContain('#/schemas/')
  })

  test('of any connector is valid and tells its calls', async () => {
    const document = openApiOf(coded)
    expect(await validate(structuredClone(document) as never)).toMatchObject({ valid: true })
    expect(Object.keys(document.paths)).toEqual(['/thing.get', '/thing.delete'])
  })

  test('operations that share an address are told apart', async () => {
    const graphql = { summary: 'x', request: 'POST /graphql', effect: 'read', graphql: 'query { a }' } as const
    const document = openApiOf({ ...desk, operations: { 'a.get': graphql, 'b.get': graphql } })
    expect(Object.keys(document.paths)).toEqual(['/graphql', '/graphql#b.get'])
    expect(await validate(structuredClone(document) as never)).toMatchObject({ valid: true })
  })
})

describe('the Swagger UI page', () => {
  const hostile = {
    ...desk,
    product: '</title><script>alert(1)</script>',
    summary: '</script><script>alert(2)</script><!--',
  }

  test('runs one script, whose hash its policy names, and connects to nothing', () => {
    const { html, contentSecurityPolicy } = swaggerUiPage(openApiOf(hostile))
    const scripts = [...html.matchAll(/<script([^>]*)>/g)].map(([, attributes]) => attributes)
    expect(scripts).toEqual([' type="application/json" id="openapi"', ' src="./swagger-ui/swagger-ui-bundle.js"', ''])
    expect(html).not.toMatch(/alert\(1\)<\/script>|<!--/)
    expect(contentSecurityPolicy).toMatch(/default-src 'none'; script-src 'self' 'sha256-[A-Za-z0-9+/=]{44}'; /)
    expect(contentSecurityPolicy).toContain("connect-src 'none'")
    expect([...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address)).toEqual([
      './swagger-ui/swagger-ui.css',
      './swagger-ui/favicon-32x32.png',
      './swagger-ui/swagger-ui-bundle.js',
    ])
    const data = /id="openapi">(.*?)<\/script>/s.exec(html)?.[1] ?? ''
    expect(JSON.parse(data)).toEqual(openApiOf(hostile))
  })

  test('connects to the servers of the document when asked to, and takes no assets from elsewhere', () => {
    const document = {
      ...openApiOf(desk),
      servers: [{ url: 'https://api.acme.example/v1' }, { url: 'https://{x}.acme.example' }],
    }
    expect(swaggerUiPage(document, { tryOut: true }).contentSecurityPolicy).toContain(
      'connect-src https://api.acme.example;',
    )
    for (const assets of ['https://cdn.example/x', '//cdn.example', 'a"b', "javascript:'x'"])
      expect(() => swaggerUiPage(document, { assets })).toThrow(/same host/)
  })

  test('the files that it needs are in the optional peer', async () => {
    const folder = await swaggerUiFolder()
    for (const file of swaggerUiPage(openApiOf(desk)).files) expect(existsSync(join(folder, file)), file).toBe(true)
  })
})
