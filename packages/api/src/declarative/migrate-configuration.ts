import { type Issue, patchbayError } from '@patchbay/core'
import { pathReader } from '@patchbay/core/http'
import type { Manifest, Values } from './manifest-parts.ts'

type Step = NonNullable<Manifest['migrations']>[number]['steps'][number]

export interface MigrationOptions {
  /** Version of the manifest's `connection` to reach. Default: the present one. A lower one undoes steps, where that can be done. */
  readonly to?: number | undefined
  /** Paths whose loss a person has agreed to. */
  readonly acknowledged?: readonly string[] | undefined
}

/**
 * Brings a stored configuration from the version under which it was written to another. The given object stays as it is.
 * @throws PatchbayError `config`: no path of migrations, a value that a table does not have, a loss that nobody acknowledged, or a step
 * that cannot be undone
 */
export function migrateConfiguration(
  manifest: Manifest,
  config: Values,
  from: number,
  options: MigrationOptions = {},
): Values {
  const { to = manifest.connection ?? 1, acknowledged = [] } = options
  let at = from
  let migrated = config
  const migrations = manifest.migrations ?? []
  while (at !== to) {
    const up = at < to
    // The longest step that does not go too far; lint sees that there is one.
    const next = migrations
      .filter((one) =>
        up ? one.from === at && one.to <= to && one.to > at : one.to === at && one.from >= to && one.from < at,
      )
      .toSorted((a, b) => (up ? b.to - a.to : a.from - b.from))[0]
    if (next === undefined) throw refused('connection', `there is no migration from version ${at} towards ${to}`)
    const steps = up ? next.steps : next.steps.toReversed()
    for (const step of steps) migrated = up ? apply(step, migrated, acknowledged) : undo(step, migrated)
    at = up ? next.to : next.from
  }
  return migrated
}

function apply(step: Step, config: Values, acknowledged: readonly string[]): Values {
  if ('rename' in step) return renamed(config, step.rename.from, step.rename.to)
  if ('default' in step) {
    const { path, value } = step.default
    return at(config, path) === undefined ? put(config, path, value) : config
  }
  if ('table' in step) {
    const { path, values } = step.table
    const value = at(config, path)
    if (value === undefined) return config
    const key = String(value)
    if (!Object.hasOwn(values, key)) throw refused(path, 'has a value that the migration does not know')
    return put(config, path, values[key])
  }
  if ('drop' in step) {
    const { path, acknowledge } = step.drop
    if (at(config, path) === undefined) return config
    if (!acknowledged.includes(path)) throw refused(path, `would be lost: ${acknowledge} Name it in \`acknowledged\``)
    return without(config, path)
  }
  const { path, at: separator, into } = step.split
  const value = at(config, path)
  if (value === undefined) return config
  const parts = String(value).split(separator)
  if (parts.length !== into.length) throw refused(path, `cannot be split into ${into.length} parts at "${separator}"`)
  return into.reduce((done, target, index) => put(done, target, parts[index]), without(config, path))
}

function undo(step: Step, config: Values): Values {
  if ('rename' in step) return renamed(config, step.rename.to, step.rename.from)
  // A value that was only written in where there was none does no harm.
  if ('default' in step) return config
  if ('table' in step) {
    const { path, values } = step.table
    const value = at(config, path)
    if (value === undefined) return config
    const keys = Object.keys(values).filter((key) => values[key] === value)
    if (keys.length !== 1) throw refused(path, 'cannot be turned back: several values became this one, or none')
    return put(config, path, keys[0])
  }
  if ('drop' in step) throw refused(step.drop.path, 'was dropped and cannot be brought back')
  const { path, at: separator, into } = step.split
  const parts = into.map((target) => at(config, target))
  if (parts.every((part) => part === undefined)) return config
  return put(into.reduce(without, config), path, parts.map((part) => part ?? '').join(separator))
}

const at = (config: Values, path: string): unknown => pathReader(path)(config)

function renamed(config: Values, from: string, to: string): Values {
  const value = at(config, from)
  return value === undefined ? config : put(without(config, from), to, value)
}

/** Computed keys are own ones, whatever their names. */
function put(config: Values, path: string, value: unknown): Values {
  const [key = '', ...rest] = path.split('.')
  if (rest.length === 0) return { ...config, [key]: value }
  const inner = Object.hasOwn(config, key) ? config[key] : undefined
  const object = typeof inner === 'object' && inner !== null ? (inner as Values) : {}
  return { ...config, [key]: put(object, rest.join('.'), value) }
}

function without(config: Values, path: string): Values {
  const [key = '', ...rest] = path.split('.')
  if (!Object.hasOwn(config, key)) return config
  const { [key]: inner, ...others } = config
  if (rest.length === 0) return others
  return typeof inner === 'object' && inner !== null
    ? { ...others, [key]: without(inner as Values, rest.join('.')) }
    : config
}

function refused(path: string, message: string): Error {
  const issues: Issue[] = [{ path, message }]
  return patchbayError({ kind: 'config', code: 'migration', message: 'the configuration cannot be migrated', issues })
}
