import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { readChecks } from './read-checks.ts'
import { shapeChecks } from './shape-checks.ts'
import type { IntegrationCheck } from './subject.ts'

export interface IntegrationCheckOptions {
  /** Ids of `simulatedFaults`. Default: all twelve. */
  readonly faults?: readonly string[] | undefined
}

/** Everything that an integration must show against its simulated vendor, as data for any test runner. */
export function integrationChecks(
  manifest: IntegrationManifest,
  { faults }: IntegrationCheckOptions = {},
): readonly IntegrationCheck[] {
  return [...shapeChecks(manifest), ...readChecks(manifest, faults)]
}
