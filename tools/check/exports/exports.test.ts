import { expect, test, vi } from 'vitest'
import { type FixtureFiles, withTree } from '../fixture-tree.ts'
import { exportsCheck } from './exports.ts'

// pnpm, publint and attw each.
vi.setConfig({ testTimeout: 60_000 })

const target = (name: string) => ({
  '@patchbay/source': `./src/${name}.ts`,
  types: `./dist/types/${name}.d.ts`,
  default: `./dist/${name}.js`,
})
const manifest = {
  name: '@patchbay/core',
  version: '1.0.0',
  description: 'x',
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  engines: { node: '>=22' },
  files: ['dist', 'src'],
  exports: { '.': target('index'), './package.json': './package.json' },
}
const good: FixtureFiles = {
  'packages/core/package.json': manifest,
  'packages/core/src/index.ts': 'export const one = 1\n',
  'packages/core/dist/index.js': 'export const one = 1\n',
  'packages/core/dist/types/index.d.ts': 'export declare const one = 1\n',
}

async function messages(files: FixtureFiles): Promise<string[]> {
  return withTree({ ...good, ...files }, async (root) =>
    (await exportsCheck(root)).findings.map(({ message }) => message),
  )
}

test('finds nothing in a sound package', async () => {
  expect(await messages({})).toEqual([])
})

test.each([
  [
    'a promise without a file',
    { 'packages/core/package.json': { ...manifest, exports: { ...manifest.exports, './http': target('http') } } },
    'promises ./dist/http.js, which does not exist',
  ],
  ['a file without a promise', { 'packages/core/dist/left-over.js': 'export {}\n' }, 'is built but not exported'],
  [
    'conditions in the wrong order',
    {
      'packages/core/package.json': {
        ...manifest,
        exports: {
          '.': { default: './dist/index.js', types: './dist/types/index.d.ts', '@patchbay/source': './src/index.ts' },
        },
      },
    },
    'conditions of "." are default, types, @patchbay/source',
  ],
  [
    'a .ts specifier in a declaration',
    {
      'packages/core/dist/types/index.d.ts': "export * from './one.ts'\n",
      'packages/core/dist/types/one.d.ts': 'export declare const one = 1\n',
    },
    'a declaration names a .ts file',
  ],
  ['what publint finds', { 'packages/core/dist/index.js': 'module.exports = {}\n' }, 'FILE_INVALID_FORMAT'],
  [
    'what attw finds',
    { 'packages/core/dist/types/index.d.ts': "export * from './gone.js'\n" },
    'attw: InternalResolutionError at .',
  ],
])('reports %s', async (_, files, expected) => {
  expect((await messages(files)).join('\n')).toContain(expected)
})
