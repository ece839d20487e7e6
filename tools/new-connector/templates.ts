import type { ConnectorNames } from './names.ts'

/** The files of a new connector by name: a connector that works, for a vendor that does not exist. */
export function templates(names: ConnectorNames): Readonly<Record<string, string>> {
  const { product } = names
  return {
    'index.ts': index(names),
    'manifest.ts': manifest(names),
    'wire.ts': wire(names),
    [`${product}.ts`]: connector(names),
    [`${product}.test.ts`]: test(names),
    'README.md': readme(names),
  }
}

const index = ({
  product,
  type,
  value,
}: ConnectorNames): string => `export { type ${type}Config, ${value} } from './${product}.ts'
export type { Item } from './wire.ts'
`

const manifest = ({ family, product, title }: ConnectorNames): string => `import type { Manifest } from '@patchbay/core'

/** What is true of ${title} without calling it. */
export const manifest: Manifest = {
  id: '${family}/${product}',
  title: '${title.replaceAll("'", "\\'")}',
  summary: 'One sentence: what it connects to.',
  version: '0.1.0',
  // Pages of the vendor that state the facts below.
  sources: ['https://vendor.example/docs/limits'],
  limits: [{ units: 60, perMs: 60_000 }],
}
`

const wire = ({ title }: ConnectorNames): string => `import { z } from 'zod'

/** What ${title} sends: only the fields that are read; others may come and go. */
export const wireItem = z.object({ id: z.string(), name: z.string(), updated_at: z.string() })

/** What callers get. */
export const item = z.object({ id: z.string(), name: z.string(), updatedAt: z.iso.datetime() })
export type Item = z.infer<typeof item>

export function toItem({ id, name, updated_at }: z.infer<typeof wireItem>): Item {
  return { id, name, updatedAt: new Date(updated_at).toISOString() }
}
`

const connector = ({ type, value }: ConnectorNames): string => `import { defineConnector } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { cursor, httpClient, httpOperation, pagedHttpOperation, path } from '@patchbay/core/http'
import { z } from 'zod'
import { manifest } from './manifest.ts'
import { item, toItem, wireItem } from './wire.ts'

const config = z.strictObject({ url: z.url() })
export type ${type}Config = z.infer<typeof config>

const itemGet = httpOperation(
  { name: 'item.get', effect: 'read', summary: 'Reads one item.', input: z.strictObject({ id: z.string() }), output: item },
  { request: ({ id }) => ({ path: path\`/items/\${id}\` }), wire: wireItem, output: toItem },
)

const itemList = pagedHttpOperation(
  { name: 'item.list', effect: 'read', summary: 'Reads all items.', input: z.strictObject({}), item },
  {
    request: () => ({ path: path\`/items\` }),
    items: 'items',
    wire: wireItem,
    output: toItem,
    paging: cursor({ path: 'next', send: { query: 'cursor' } }),
  },
)

export const ${value} = defineConnector({
  contract: 1,
  manifest,
  config,
  credentials: [bearer.scheme],
  operations: { 'item.get': itemGet, 'item.list': itemList },
  check: { operation: 'item.list', input: {} },
  open: async ({ url }: ${type}Config, env) => httpClient({ ...env, baseUrl: url }),
})
`

const test = ({ product, value }: ConnectorNames): string => `import { connect } from '@patchbay/core'
import { type ConnectorSubject, connectorChecks } from '@patchbay/core/conformance'
import { bearer } from '@patchbay/core/credentials'
import { fakeTransport } from '@patchbay/core/testing'
import { describe, expect, test } from 'vitest'
import { ${value} } from './${product}.ts'

/** What the vendor sends for one item. Paste a real answer here, with secrets and people's names replaced. */
const wireSeven = { id: '7', name: 'Seven', updated_at: '2026-01-02T03:04:05Z', unknown: true }
const seven = { id: '7', name: 'Seven', updatedAt: '2026-01-02T03:04:05.000Z' }
const config = { url: 'https://vendor.example' }
const credential = bearer({ token: 'a-token-for-tests' })

/** One working call of each operation, and what the vendor's errors mean. */
const subject: ConnectorSubject = {
  connector: ${value},
  config,
  wrongConfigs: [{ config: { url: 'nowhere' }, path: 'url' }],
  credential,
  secrets: ['a-token-for-tests'],
  operations: {
    'item.get': { input: { id: '7' }, reply: { json: wireSeven }, output: seven },
    'item.list': { input: {}, reply: { json: { items: [wireSeven], next: null } }, output: [seven] },
  },
  failures: [{ operation: 'item.get', reply: { status: 404, json: { message: 'no such item' } }, kind: 'not-found' }],
}

describe('conforms', () => {
  test.each(connectorChecks.map((check) => [check.name, check] as const))('%s', (_name, check) => check.run(subject))
})

test('signs its requests, and reads all pages', async () => {
  const transport = fakeTransport({
    'GET /items': [{ json: { items: [wireSeven], next: 'b' } }],
    'GET /items?cursor=b': [{ json: { items: [{ ...wireSeven, id: '8' }], next: null } }],
  })
  const connection = connect(${value}, { config, credential, transport })
  const ids: string[] = []
  for await (const { id } of connection.item.list({})) ids.push(id)
  expect(ids).toEqual(['7', '8'])
  expect(transport.requests[0]?.headers.authorization).toBe('Bearer a-token-for-tests')
  transport.verify()
})

test('names the field of an answer that changed its shape', async () => {
  const transport = fakeTransport({ 'GET /items/{id}': { json: { ...wireSeven, updated_at: null } } })
  const connection = connect(${value}, { config, credential, transport })
  await expect(connection.item.get({ id: '7' })).rejects.toMatchObject({ issues: [{ path: 'updated_at' }] })
})
`

const readme = ({ family, product, title, value }: ConnectorNames): string => `# ${title}

One sentence: what it connects to, and for what.

\`\`\`ts
import { ${value} } from '@patchbay/${family}/${product}'
import { connect } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'

const connection = connect(${value}, { config: { url: 'https://vendor.example' }, credential: bearer({ token: 'secret' }) })
for await (const item of connection.item.list({})) console.log(item.id, item.name)
await connection.$close()
\`\`\`

| operation | effect | request |
| --- | --- | --- |
| \`item.get\` | read | \`GET /items/{id}\` |
| \`item.list\` | read | \`GET /items\`, by cursor |

Limits: 60 calls a minute (where the vendor says so). Credentials: an access token.
`
