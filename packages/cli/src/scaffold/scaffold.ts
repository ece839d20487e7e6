import { valueNameOf } from '@patchbay/api/typescript'

export interface ScaffoldNames {
  readonly id: string
  readonly product: string
  readonly category: string
}

/** A manifest that is valid as it is, for a product that does not exist. `schema`: where editors find the JSON Schema of the format. */
export function scaffoldManifest({ id, product, category }: ScaffoldNames, schema: string): string {
  const name = JSON.stringify(product)
  return `# yaml-language-server: $schema=${schema}
format: 1
id: ${id}
product: ${name}
vendor: { name: ${name} }
category: ${category}
subcategory: service-desk
summary: One sentence about what this integration reads and changes.
links: { documentation: https://developer.${id}.example/api }
version: 0.1.0

# Where the facts below come from. Machine-readable kinds name a version: npm:<package>@<version>#<path>.
sources:
  - { id: pages, kind: documentation, ref: https://developer.${id}.example/api }

# Calls reach these hosts and no others.
deployments:
  - { id: cloud, kind: saas, url: https://api.${id}.example, hosts: [api.${id}.example] }

credentials:
  - id: key
    scheme: api-key
    title: API key
    help: { link: https://help.${id}.example/keys }
    settle: { in: header, name: X-Api-Key }

# Every number has the page that states it, and the day on which somebody looked.
limits:
  budgets:
    - { id: account, scope: account, algorithm: fixed-window, units: 100, perMs: 60000, source: https://developer.${id}.example/api/limits, date: "2026-11-01" }

schemas:
  Item:
    type: object
    required: [id]
    properties:
      id: { type: string }
      name: { type: string }
      updated_at: { type: string, format: date-time }

pagination:
  cursor: { kind: cursor-body, path: next_cursor, send: { query: cursor }, sizeKey: limit, size: 100, max: 100 }

# One operation is one request. effect: what sending it twice does.
operations:
  item.list:
    summary: Items, oldest change first.
    request: GET /v1/items
    effect: read
    input:
      updatedSince: { in: query, as: updated_since, type: string, format: date-time }
    list: { items: items, schema: Item, pagination: cursor }
  item.get:
    summary: One item.
    request: GET /v1/items/{id}
    effect: read
    input: { id: { in: path, type: string, minLength: 1 } }
    output: { schema: Item }
  item.create:
    summary: Makes an item.
    request: POST /v1/items
    effect: write
    input: { name: { in: body, type: string, minLength: 1, required: true } }
    output: { schema: Item }
check: { operation: item.list }

streams:
  items:
    operation: item.list
    cursor: { kind: time, field: updated_at, input: updatedSince, order: ascending, boundary: inclusive }
    id: id
`
}

function testText(): string {
  return `import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { integration } from '@patchbay/api/declarative'
import { checkManifest, issueText } from '@patchbay/api/manifest'
import { connect } from '@patchbay/core'
import { fakeTransport } from '@patchbay/core/testing'

const text = readFileSync(new URL('./manifest.yaml', import.meta.url), 'utf8')

test('the manifest is valid', async () => {
  const { issues, valid } = await checkManifest(text, { file: 'manifest.yaml' })
  assert.ok(valid, issues.map(issueText).join('\\n'))
})

test('an item is read', async () => {
  const { manifest } = await checkManifest(text)
  assert.ok(manifest)
  const product = integration(manifest)
  const transport = fakeTransport({ 'GET /v1/items/7': { json: { id: '7', name: 'a lamp' } } })
  const connection = connect(product, { config: {}, credential: product.credential.key({ key: 'not a real key' }), transport })
  assert.deepEqual(await connection.item.get({ id: '7' }), { id: '7', name: 'a lamp' })
})
`
}

function readmeText({ id, product }: ScaffoldNames): string {
  return `# ${product}

\`manifest.yaml\` is the whole integration. Editors that know YAML language servers complete its keys and show mistakes.

\`\`\`sh
npm install @patchbay/core @patchbay/api
npm install --save-dev @patchbay/cli
npx patchbay validate manifest.yaml
npx patchbay types manifest.yaml -o ${id}.ts
npx patchbay docs manifest.yaml -o api.md
node --test
\`\`\`

\`\`\`ts
import { connect } from '@patchbay/core'
import { ${valueNameOf(id)} } from './${id}.ts'

const connection = connect(${valueNameOf(id)}, { config: {}, credential: ${valueNameOf(id)}.credential.key({ key: 'your key' }) })
for await (const item of connection.item.list()) console.log(item.id)
\`\`\`
`
}

/** The files of an integration outside of this repository. */
export function scaffold(names: ScaffoldNames): Readonly<Record<string, string>> {
  return {
    'manifest.yaml': scaffoldManifest(names, './node_modules/@patchbay/api/manifest.schema.json'),
    [`${names.id}.test.js`]: testText(),
    'README.md': readmeText(names),
  }
}
