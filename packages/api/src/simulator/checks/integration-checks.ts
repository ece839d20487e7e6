import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { credentialChecks } from './credential-checks.ts'
import { limitChecks } from './limit-checks.ts'
import { readChecks } from './read-checks.ts'
import { shapeChecks } from './shape-checks.ts'
import { streamChecks } from './stream-checks.ts'
import type { IntegrationCheck } from './subject.ts'
import { webhookChecks } from './webhook-checks.ts'
import { writeChecks } from './write-checks.ts'

export interface IntegrationCheckOptions {
  /** Ids of `simulatedFaults`. Default: all twelve. */
  readonly faults?: readonly string[] | undefined
}

/** Everything that an integration must show against its simulated vendor, as data for any test runner. */
export function integrationChecks(
  manifest: IntegrationManifest,
  { faults }: IntegrationCheckOptions = {},
): readonly IntegrationCheck[] {
  return [
    ...shapeChecks(manifest),
    ...credentialChecks(manifest),
    ...readChecks(manifest, faults),
    ...streamChecks(manifest, faults),
    ...writeChecks(manifest),
    ...limitChecks(manifest),
    ...webhookChecks(manifest),
  ]
}
