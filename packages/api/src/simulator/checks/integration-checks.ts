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
  const checks: readonly IntegrationCheck[] = [
    ...shapeChecks(manifest),
    ...credentialChecks(manifest),
    ...readChecks(manifest, faults),
    ...streamChecks(manifest, faults),
    ...writeChecks(manifest),
    ...limitChecks(manifest),
    ...webhookChecks(manifest),
  ]
  return checks.map((check) => ({
    ...check,
    run: async (subject) => {
      await codeLoaded(manifest)
      await check.run(subject)
    },
  }))
}

/** Code of rare forms is loaded when an answer comes; on a clock that moves when all wait, that would look like a slow vendor. */
async function codeLoaded({ operations }: IntegrationManifest): Promise<void> {
  const forms = new Set(Object.values(operations).map(({ output }) => output?.as))
  if (forms.has('xml'))
    await Promise.all([
      import('../../connectors/soap/xml/parse-xml.ts'),
      import('../../declarative/answers/xml-value.ts'),
    ])
  if (forms.has('csv') || JSON.stringify(operations).includes('"csv"')) await import('csv-parse/sync')
}
