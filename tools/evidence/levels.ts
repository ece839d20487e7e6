import { type Evidence, verify } from '../../packages/api/src/evidence/index.ts'
import type { IntegrationManifest } from '../../packages/api/src/manifest/index.ts'
import { readIndex, readReceipts } from './index-files.ts'

export interface Proven {
  readonly manifest: IntegrationManifest
  readonly evidence: Evidence
}

/** The evidence of every manifest, from the committed index alone. */
export function proveAll(root: string, manifests: readonly IntegrationManifest[]): Proven[] {
  const facts = readIndex(root)
  const receipts = readReceipts(root)
  return manifests.map((manifest) => {
    const claimed = receipts.get(manifest.id) ?? []
    const evidence = verify(manifest, facts, { live: claimed })
    const unknown = claimed.filter((name) => !Object.hasOwn(manifest.operations, name))
    const problems = unknown.map((name) => `the live receipt names ${name}, which is no operation`)
    return { manifest, evidence: { ...evidence, problems: [...evidence.problems, ...problems] } }
  })
}
