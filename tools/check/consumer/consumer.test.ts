import { expect, test, vi } from 'vitest'
import { type FixtureFiles, withTree } from '../fixture-tree.ts'
import { consumer } from './consumer.ts'

// npm and four compilations each.
vi.setConfig({ testTimeout: 180_000 })

const good: FixtureFiles = {
  'packages/core/package.json': {
    name: '@patchbay/core',
    version: '1.0.0',
    type: 'module',
    files: ['dist', 'src'],
    exports: {
      '.': { '@patchbay/source': './src/index.ts', types: './dist/types/index.d.ts', default: './dist/index.js' },
    },
  },
  'packages/core/src/index.ts': '',
  'packages/core/dist/index.js': 'export const one = 1\n',
  'packages/core/dist/types/index.d.ts': 'export declare const one = 1\n',
}

async function messages(files: FixtureFiles): Promise<string[]> {
  return withTree({ ...good, ...files }, async (root) => (await consumer(root)).findings.map(({ message }) => message))
}

test('finds nothing in a sound package', async () => {
  expect(await messages({})).toEqual([])
})

test.each([
  [
    'declarations that need what is not installed',
    { 'packages/core/dist/types/index.d.ts': "import type { Pool } from 'pg'\nexport declare const one: Pool\n" },
    "Cannot find module 'pg'",
  ],
  [
    'code that needs an optional peer',
    { 'packages/core/dist/index.js': "import 'pg'\nexport const one = 1\n" },
    'does not load when installed alone',
  ],
  [
    'an import that keeps the process alive',
    { 'packages/core/dist/index.js': 'setInterval(() => {}, 1000)\nexport const one = 1\n' },
    'did not end by itself',
  ],
])('reports %s', async (_, files, expected) => {
  expect((await messages(files)).join('\n')).toContain(expected)
})
