import { stringify } from 'yaml'
import type { IntegrationManifest } from './manifest.ts'

/** A manifest as YAML that people can go on with. */
export function writeManifest(manifest: IntegrationManifest): string {
  const { $schema: _, ...rest } = manifest
  const body = stringify(rest, {
    version: '1.2',
    aliasDuplicateObjects: false,
    lineWidth: 0,
    collectionStyle: 'block',
  })
  return `# yaml-language-server: $schema=./node_modules/@patchbay/api/manifest.schema.json\n${body}`
}
