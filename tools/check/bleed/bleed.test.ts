import { expect, test } from 'vitest'
import { type FixtureFiles, withTree } from '../fixture-tree.ts'
import { bleed } from './bleed.ts'

const target = (name: string) => ({
  '@patchbay/source': `./src/${name}.ts`,
  types: `./dist/types/${name}.d.ts`,
  default: `./dist/${name}.js`,
})
const good: FixtureFiles = {
  'packages/core/package.json': {
    name: '@patchbay/core',
    version: '1.0.0',
    type: 'module',
    exports: { '.': target('index'), './http': target('http'), './redis': target('redis') },
  },
  'packages/core/src/index.ts': "export const call = 1\nexport const send = () => import('./http.ts')\n",
  'packages/core/src/http.ts': "export const load = () => import('undici')\n",
  'packages/core/src/redis.ts': "export const load = () => import('ioredis')\n",
  'packages/core/dist/index.js': 'export const call = 1\n',
}
const granted = [
  { subpath: '@patchbay/core', atOnce: [], later: ['undici'], gzip: 1_000, files: 2, neverAtOnce: ['node:http'] },
  { subpath: '@patchbay/core/http', atOnce: [], later: ['undici'] },
  { subpath: '@patchbay/core/redis', atOnce: [], later: ['ioredis'] },
]

async function messages(files: FixtureFiles): Promise<string[]> {
  return withTree({ ...good, ...files }, async (root) =>
    (await bleed(root, granted)).findings.map(({ message }) => message),
  )
}

test('finds nothing where nothing bleeds', async () => {
  expect(await messages({})).toEqual([])
})

test.each([
  [
    'a neighbour',
    { 'packages/core/src/index.ts': "export * from './http.ts'\n" },
    'loads all of its neighbour @patchbay/core/http',
  ],
  ['a library at once', { 'packages/core/src/http.ts': "import 'undici'\n" }, '@patchbay/core/http loads undici'],
  [
    'a library that another subpath owns',
    { 'packages/core/src/http.ts': "export const load = () => import('ioredis')\n" },
    'names ioredis in an import()',
  ],
  ['a module of Node', { 'packages/core/src/index.ts': "import 'node:http'\n" }, '@patchbay/core loads node:http'],
  [
    'weight',
    {
      'packages/core/src/index.ts': `export const text = '${Array.from({ length: 3_000 }, (_, index) => (index * 7919).toString(36)).join('')}'\n`,
    },
    'bytes gzipped; 1000 is the limit',
  ],
  [
    'many files',
    {
      'packages/core/dist/index.js': "import './a.js'\nimport './b.js'\n",
      'packages/core/dist/a.js': '',
      'packages/core/dist/b.js': '',
    },
    'opens 3 files in a fresh process; 2 is the limit',
  ],
  [
    'what a build really loads',
    { 'packages/core/dist/index.js': "import 'node:http'\n" },
    'loads node:http in a fresh process',
  ],
  [
    'a library that a build really loads',
    {
      'packages/core/dist/index.js': "import 'undici'\n",
      'packages/core/node_modules/undici/package.json': { name: 'undici', type: 'module', main: 'x.js' },
      'packages/core/node_modules/undici/x.js': '',
    },
    'loads undici in a fresh process',
  ],
])('reports %s', async (_, files, expected) => {
  expect((await messages(files)).join('\n')).toContain(expected)
})
