import { defineConfig } from 'vitest/config'

const report = process.env.PATCHBAY_TEST_REPORT

export default defineConfig({
  // Tests read the sources of every package, never a build: the condition stands first in each `exports` entry.
  // `import` must not be among them: they also reach `require`, and pg's would then get its own pool as an ES module.
  resolve: { conditions: ['@patchbay/source'] },
  ssr: { resolve: { conditions: ['@patchbay/source', 'node', 'module', 'default'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'bench/**/*.test.ts', 'examples/**/*.test.ts', 'tools/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.peers.test.ts'],
    // Makes the catalog's modules from its manifests, where one has changed.
    globalSetup: ['tools/catalog/before-tests.ts'],
    environment: 'node',
    pool: 'forks',
    // Most tests wait for servers and processes: one worker per core, where the default leaves a core idle.
    maxWorkers: '100%',
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // A promise that nobody awaited, and a test that somebody left alone with `.only`, fail the run.
    dangerouslyIgnoreUnhandledErrors: false,
    allowOnly: false,
    passWithNoTests: true,
    // CI reads the results of every test from this file.
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
})
