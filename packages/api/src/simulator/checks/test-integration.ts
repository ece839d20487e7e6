import { systemClock } from '@patchbay/core'
import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { type IntegrationCheckOptions, integrationChecks } from './integration-checks.ts'
import type { IntegrationCheck, IntegrationSubject } from './subject.ts'

export interface IntegrationResult {
  readonly check: string
  readonly fault: string | undefined
  readonly about: string | undefined
  readonly outcome: 'passed' | 'failed' | 'impossible'
  /** Of a failure: the part of the manifest, what was expected and what was seen. Of an impossible check: the reason. */
  readonly message?: string
}

export interface IntegrationReport {
  readonly id: string
  readonly results: readonly IntegrationResult[]
  readonly failed: readonly IntegrationResult[]
  readonly ms: number
}

export interface TestOptions extends IntegrationCheckOptions {
  /** Default 1. */
  readonly seed?: number | undefined
  /** See {@link IntegrationSubject}. */
  readonly subject?: Partial<IntegrationSubject> | undefined
}

/** Runs the checks of one integration. Never rejects for what an integration does wrong. */
export async function testIntegration(
  manifest: IntegrationManifest,
  options: TestOptions = {},
): Promise<IntegrationReport> {
  const { seed = 1, subject, ...chosen } = options
  const begun = systemClock.monotonic()
  const results: IntegrationResult[] = []
  for (const check of integrationChecks(manifest, chosen))
    results.push(await resultOf(check, { manifest, seed, ...subject }))
  return {
    id: manifest.id,
    results,
    failed: results.filter(({ outcome }) => outcome === 'failed'),
    ms: systemClock.monotonic() - begun,
  }
}

async function resultOf(check: IntegrationCheck, subject: IntegrationSubject): Promise<IntegrationResult> {
  const { name, fault, about, impossible } = check
  const common = { check: name, fault, about }
  if (impossible !== undefined) return { ...common, outcome: 'impossible', message: impossible }
  try {
    await check.run(subject)
    return { ...common, outcome: 'passed' }
  } catch (error) {
    return { ...common, outcome: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}
