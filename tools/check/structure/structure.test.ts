import { describe, expect, test } from 'vitest'
import { type FixtureFiles, withTree } from '../fixture-tree.ts'
import { rules, structure } from './structure.ts'

const entry = { '@patchbay/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' }
const optionalPg = { peerDependencies: { pg: '*' }, peerDependenciesMeta: { pg: { optional: true } } }
const usesPg = { 'packages/core/src/pg.ts': "export const load = () => import('pg')\n" }
const core = { name: '@patchbay/core', version: '1.0.0', exports: { '.': entry } }

/** A small project in which nothing is wrong. */
const good: FixtureFiles = {
  'packages/core/package.json': core,
  'packages/core/src/index.ts': "export * from './retry.ts'\n",
  'packages/core/src/retry.ts':
    '/** Console, fetch and GitHub are only words here: fetch(), console.log(). */\nexport const retry = (fetch: () => void) => fetch()\n',
  'packages/core/src/retry.test.ts':
    "import { test } from 'vitest'\nimport { retry } from './retry.ts'\ntest('x', () => retry(() => setTimeout(() => {}, 1)))\n",
  'packages/storage/package.json': {
    name: '@patchbay/storage',
    version: '1.0.0',
    dependencies: { '@patchbay/core': 'workspace:*' },
  },
  'packages/storage/src/index.ts': "import { retry } from '@patchbay/core'\nexport const storage = retry\n",
}

const connector = 'packages/storage/src/connectors/disk'

/** By rule: one thing that is wrong, and where it must be reported. */
const broken: Readonly<Record<string, readonly { readonly files: FixtureFiles; readonly at: string }[]>> = {
  size: [{ files: { 'packages/core/src/long.ts': '// line\n'.repeat(401) }, at: 'packages/core/src/long.ts' }],
  naming: [
    { files: { 'packages/core/src/utils.ts': 'export {}\n' }, at: 'packages/core/src/utils.ts' },
    { files: { 'packages/core/src/stream-helpers/a.ts': 'export {}\n' }, at: 'packages/core/src/stream-helpers/a.ts' },
    { files: { 'packages/core/src/readBody.ts': 'export {}\n' }, at: 'packages/core/src/readBody.ts' },
  ],
  direction: [
    {
      files: { 'packages/core/src/up.ts': "\nimport type { storage } from '@patchbay/storage'\n" },
      at: 'packages/core/src/up.ts:2',
    },
    {
      files: { 'packages/storage/src/over.ts': "import '../../core/src/retry.ts'\n" },
      at: 'packages/storage/src/over.ts:1',
    },
    {
      files: { 'packages/storage/src/type.ts': "export type X = import('@patchbay/api').X\n" },
      at: 'packages/storage/src/type.ts:1',
    },
    {
      files: { 'packages/novel/package.json': { name: '@patchbay/novel', version: '1.0.0' } },
      at: 'packages/novel/package.json',
    },
  ],
  cycles: [
    {
      files: {
        'packages/core/src/a.ts': "import type { B } from './b.ts'\nexport type A = B\n",
        'packages/core/src/b.ts': "import type { A } from './a.ts'\nexport type B = A\n",
      },
      at: 'packages/core/src/b.ts:1',
    },
  ],
  forbidden: [
    ...[
      "fetch('x')",
      "globalThis.fetch('x')",
      'const send = fetch',
      'process.env.HOME',
      'const { env } = process',
      'setTimeout(() => {}, 1)',
      'globalThis.setInterval(() => {}, 1)',
      'Date.now()',
      'new Date()',
      'performance.now()',
      'Math.random()',
      'crypto.randomUUID()',
      "console.log('x')",
      "eval('1')",
      "new Function('return 1')",
      "Function('return 1')",
      'const name: string = "x"; import(name)',
      'const n = "pg"; import(`$' + '{n}`)',
      "import { randomBytes } from 'node:crypto'",
      "import { setTimeout as sleep } from 'node:timers/promises'",
    ].map((line) => ({
      files: { 'packages/core/src/bad.ts': `// first line\n${line}\nexport {}\n` },
      at: 'packages/core/src/bad.ts:2',
    })),
  ],
  vendors: [
    {
      files: { 'packages/core/src/named.ts': "\nexport const host = 'api.github.com'\n" },
      at: 'packages/core/src/named.ts:2',
    },
    {
      files: { 'packages/core/src/named.ts': 'export const stripeSignature = 1\n' },
      at: 'packages/core/src/named.ts:1',
    },
    {
      files: { 'packages/core/src/webhook/verification/named.ts': "export const sender = 'Amazon'\n" },
      at: 'packages/core/src/webhook/verification/named.ts:1',
    },
  ],
  'connector-folders': [
    {
      files: Object.fromEntries(
        ['index.ts', 'manifest.ts', 'disk.ts', 'disk.test.ts'].map((file) => [`${connector}/${file}`, 'export {}\n']),
      ),
      at: `${connector}/README.md`,
    },
  ],
  'test-places': [
    {
      files: { 'packages/core/src/__tests__/retry.test.ts': 'export {}\n' },
      at: 'packages/core/src/__tests__/retry.test.ts',
    },
  ],
  dependencies: [
    {
      files: { 'packages/core/src/undeclared.ts': "import pg from 'pg'\nexport { pg }\n" },
      at: 'packages/core/src/undeclared.ts:1',
    },
    {
      files: { 'packages/core/package.json': { ...core, dependencies: { undici: '^8' } } },
      at: 'packages/core/package.json',
    },
    {
      files: {
        ...usesPg,
        'packages/core/package.json': { ...core, ...optionalPg },
        'packages/core/src/static.ts': "import pg from 'pg'\nexport { pg }\n",
      },
      at: 'packages/core/src/static.ts:1',
    },
    {
      files: {
        ...usesPg,
        'packages/core/package.json': { ...core, ...optionalPg },
        'packages/core/src/typed.ts': "import type { Pool } from 'pg'\nexport type P = Pool\n",
      },
      at: 'packages/core/src/typed.ts:1',
    },
    {
      files: { ...usesPg, 'packages/core/package.json': { ...core, peerDependencies: { pg: '*' } } },
      at: 'packages/core/package.json',
    },
  ],
  'machine-traces': [
    { files: { 'docs/a.md': `see\n${['', 'home', 'jane', 'project'].join('/')}\n` }, at: 'docs/a.md:2' },
    { files: { '.npmrc': `registry=https://${['registry', 'npmjs', 'org'].join('.')}/\n` }, at: '.npmrc:1' },
  ],
}

test('finds nothing in a project in which nothing is wrong', async () => {
  const { findings, checked } = await withTree(good, structure)
  expect(findings).toEqual([])
  expect(checked).toContain('6 files, 4 sources')
})

test('has a broken example for every rule', () => {
  expect(Object.keys(broken).sort()).toEqual(Object.keys(rules).sort())
})

describe.each(Object.entries(broken))('%s', (rule, examples) => {
  test.each(examples)('reports $at', async ({ files, at }) => {
    const { findings } = await withTree({ ...good, ...files }, structure)
    const places = findings.filter(({ message, level }) => message.endsWith(`[${rule}]`) && level === 'error')
    expect(places.map(({ file, line }) => (line === undefined ? file : `${file}:${line}`))).toContain(at)
    expect(places.every(({ remedy }) => remedy.length > 0)).toBe(true)
  })
})
