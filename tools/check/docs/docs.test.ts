import { expect, test } from 'vitest'
import { type FixtureFiles, withTree } from '../fixture-tree.ts'
import { docs } from './docs.ts'

const fence = '```'
const block = (info: string, code: string): string => `${fence}${info}\n${code}\n${fence}\n`
const good: FixtureFiles = {
  'package.json': { scripts: { demo: 'x' }, type: 'module' },
  'node_modules/@types/node/package.json': { name: '@types/node', version: '1.0.0', types: 'index.d.ts' },
  'node_modules/@types/node/index.d.ts': 'declare const console: { log(text: string): void }\n',
  'packages/core/src/retry.ts': 'export function retryAfter() {}\nexport interface RetryPolicy { delayOf(): number }\n',
  'README.md': `# Title\n\n[guide](docs/a.md)\n\n${block('ts run', "console.log('hello')")}\n${block('sh', 'rm -rf nothing')}`,
  'docs/a.md': `Text\n\n${block('ts', 'const one: number = 1\nconsole.log(String(one))')}`,
  'CONTRIBUTING.md':
    'Go to `packages/<family>/src`, run `pnpm demo`, read `RetryPolicy`, call `retryAfter()` and `delayOf`.\n',
}

async function places(files: FixtureFiles): Promise<string[]> {
  return withTree({ ...good, ...files }, async (root) =>
    docs(root).findings.map(({ file, line, message }) => `${file}:${line} ${message}`),
  )
}

test('finds nothing in sound documentation', async () => {
  expect(await places({})).toEqual([])
})

test.each([
  [
    'a block that does not compile',
    { 'docs/a.md': `Text\n\n${block('ts', "\nconst one: number = 'x'")}` },
    'docs/a.md:5 this block does not compile: TS2322',
  ],
  [
    'a block that fails when it is run',
    { 'README.md': block('ts run', "throw new Error('broken')") },
    'README.md:2 this block is marked `run` and fails',
  ],
  ['a link to nowhere', { 'README.md': '\n[a](docs/gone.md)\n' }, 'README.md:2 docs/gone.md leads nowhere'],
  [
    'a path that is gone',
    { 'CONTRIBUTING.md': 'See `packages/core/src/gone.ts`.\n' },
    'CONTRIBUTING.md:1 `packages/core/src/gone.ts` does not exist',
  ],
  [
    'a command that is gone',
    { 'CONTRIBUTING.md': 'Run `pnpm gone`.\n' },
    'CONTRIBUTING.md:1 `pnpm gone` does not exist',
  ],
  [
    'a name that is gone',
    { 'CONTRIBUTING.md': 'Read `BreakerPolicy`.\n' },
    'CONTRIBUTING.md:1 `BreakerPolicy` does not exist',
  ],
])('reports %s', async (_, files, expected) => {
  expect((await places(files)).join('\n')).toContain(expected)
})
