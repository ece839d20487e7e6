import { defineConfig, mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

// Peers: independent implementations of the same standards, from the registries of other languages, on the same input.
export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: [] } },
  defineConfig({
    test: {
      include: ['packages/*/src/**/*.peers.test.ts'],
      exclude: ['**/node_modules/**', '**/dist/**'],
      globalSetup: ['tools/peers/prepare.ts'],
    },
  }),
)
