import { defineConfig, mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

// Peers: the published libraries of the field. These tests compare our semantics with theirs, on the same input.
export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: [] } },
  defineConfig({
    test: { include: ['packages/*/src/**/*.peers.test.ts'], exclude: ['**/node_modules/**', '**/dist/**'] },
  }),
)
