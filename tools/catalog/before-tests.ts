import { join } from 'node:path'
import { generateCatalog } from './generate.ts'

/** For vitest: tests import modules of the catalog. That all manifests are valid is a test of its own. */
export function setup(): void {
  generateCatalog(join(import.meta.dirname, '../..'))
}
