import type { Manifest } from '../connector.ts'

/** What is wrong with a manifest; empty when nothing is. */
export function readManifest(manifest: Manifest): readonly string[] {
  const wrong: string[] = []
  if (!/^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/.test(manifest.id))
    wrong.push(`the id "${manifest.id}" is not family/product`)
  if (!/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(manifest.version))
    wrong.push(`the version "${manifest.version}" is not semantic`)
  for (const field of ['title', 'summary'] as const) {
    if (manifest[field].trim() === '') wrong.push(`${field} is empty`)
  }
  if (!manifest.summary.trim().endsWith('.')) wrong.push('the summary is not a sentence: end it with a full stop')
  for (const { units, perMs } of manifest.limits ?? []) {
    if (!(units > 0 && perMs > 0)) wrong.push('a limit has no positive units and perMs')
  }
  if ((manifest.limits?.length ?? 0) > 0 && (manifest.sources?.length ?? 0) === 0) {
    wrong.push('limits without a source: name the page that states them')
  }
  for (const source of manifest.sources ?? []) if (!URL.canParse(source)) wrong.push(`the source "${source}" is no URL`)
  wrong.push(...notData(manifest, 'manifest'))
  return wrong
}

/** Functions, class instances, dates and the like have no place in what a catalog reads. */
function notData(value: unknown, path: string): readonly string[] {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return []
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path} is no finite number`]
  if (Array.isArray(value)) return value.flatMap((item, index) => notData(item, `${path}[${index}]`))
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.entries(value).flatMap(([name, item]) => (item === undefined ? [] : notData(item, `${path}.${name}`)))
  }
  return [`${path} is a ${typeof value} and no data`]
}
