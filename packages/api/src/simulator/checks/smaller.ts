import type { IntegrationManifest } from '../../manifest/manifest.ts'

const most = 10

const made = new WeakMap<IntegrationManifest, IntegrationManifest>()

/** The same integration with small pages, so that few records make several of them. Limits stay as they are. */
export function smaller(manifest: IntegrationManifest): IntegrationManifest {
  const known = made.get(manifest)
  if (known !== undefined) return known
  const copy = structuredClone(manifest) as {
    pagination?: Record<string, { size?: number }>
    operations: Record<string, { list?: { pagination: string | { size?: number } } }>
    tests?: { records?: Record<string, number> }
  }
  const shrink = (pagination: { size?: number }): void => {
    if (pagination.size !== undefined) pagination.size = Math.min(pagination.size, most)
  }
  for (const pagination of Object.values(copy.pagination ?? {})) shrink(pagination)
  for (const { list } of Object.values(copy.operations))
    if (typeof list?.pagination === 'object') shrink(list.pagination)
  if (copy.tests?.records !== undefined)
    copy.tests.records = Object.fromEntries(
      Object.entries(copy.tests.records).map(([name, count]) => [name, Math.min(count, 30)]),
    )
  const result = copy as unknown as IntegrationManifest
  made.set(manifest, result)
  return result
}
