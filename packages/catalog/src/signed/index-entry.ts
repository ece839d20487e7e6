import { createHash } from 'node:crypto'
import type { IntegrationManifest } from '@patchbay/api/manifest'
import { catalogEntryOf } from '../facts.ts'
import { canonicalJson } from './canonical-json.ts'
import type { IndexEntry } from './index-format.ts'

/** What an index says about a manifest, and the bytes that it says it of. */
export function indexEntryOf(manifest: IntegrationManifest): { readonly entry: IndexEntry; readonly bytes: Buffer } {
  // Where an editor finds the format is no fact about the product.
  const { $schema: _, ...content } = manifest
  const bytes = Buffer.from(canonicalJson(content))
  const { id, product, vendor, category, subcategory, summary, version, stage, ...facts } = catalogEntryOf(manifest)
  const entry: IndexEntry = {
    id,
    product,
    vendor,
    category,
    subcategory,
    summary,
    version,
    connectionVersion: manifest.connection ?? 1,
    stage,
    sha256: sha256Of(bytes),
    bytes: bytes.length,
    operations: facts.operations.length,
    streams: facts.streams.length,
    webhooks: facts.webhooks.length,
    credentials: sorted(Object.values(facts.credentials)),
    hosts: sorted(facts.hosts),
    data: sorted(dataClassesOf(manifest)),
  }
  return { entry, bytes }
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const sorted = (list: Iterable<string>): string[] => [...new Set(list)].sort()

/** Every `x-data` of the schemas. A field of that name in a sample of a test is no mark, so tests are left out. */
function dataClassesOf({ tests: _, ...manifest }: IntegrationManifest): Set<string> {
  const found = new Set<string>()
  const waiting: unknown[] = [manifest]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null) continue
    const mark = Object.hasOwn(next, 'x-data') ? (next as { 'x-data': unknown })['x-data'] : undefined
    if (typeof mark === 'string') found.add(mark)
    for (const part of Object.values(next)) if (typeof part === 'object' && part !== null) waiting.push(part)
  }
  return found
}
