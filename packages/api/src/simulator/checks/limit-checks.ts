import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { demand, inspectError, outcomeOf } from './compare.ts'
import { cheapRead } from './credential-checks.ts'
import { bench, type IntegrationCheck, type IntegrationSubject } from './subject.ts'

/** More units than this in a window are tested as so many: the kind of the limit is the same. */
const most = 12

/** And longer windows as this long. */
const longest = 120_000

/** A crowd of callers never gets over a budget, by the vendor's own count. */
export function limitChecks(manifest: IntegrationManifest): readonly IntegrationCheck[] {
  const { budgets = [], concurrency } = manifest.limits
  const checks: IntegrationCheck[] = budgets.flatMap(({ id, operations }) => {
    const name =
      operations?.find((one) => usable(manifest, one)) ?? (operations === undefined ? cheapRead(manifest) : undefined)
    return name === undefined
      ? []
      : [
          {
            name: `the budget ${id} is never exceeded`,
            effect: 'read' as const,
            needs: [],
            about: id,
            run: (subject: IntegrationSubject) => crowd(subject, name, id),
          },
        ]
  })
  const read = cheapRead(manifest)
  if (concurrency !== undefined && read !== undefined)
    checks.push({
      name: `never more than ${concurrency.calls} calls at a time`,
      effect: 'read',
      needs: [],
      about: 'concurrency',
      run: (subject) => crowd(subject, read, undefined),
    })
  return checks
}

const usable = (manifest: IntegrationManifest, name: string): boolean => {
  const operation = manifest.operations[name]
  return operation?.effect === 'read' && operation.soap === undefined
}

/** The same limits with few units. */
function scaled(manifest: IntegrationManifest, id: string | undefined, factor: number): IntegrationManifest {
  const budgets = (manifest.limits.budgets ?? []).map((budget) => {
    const largest = Math.max(...Object.values(manifest.operations).map(({ cost = 1 }) => cost))
    // What one call costs has to fit.
    const units = budget.id === id ? Math.max(budget.units * factor, largest) : budget.units
    return {
      ...budget,
      units,
      ...(budget.id === id ? { perMs: Math.min(budget.perMs, longest) } : {}),
      ...(budget.burst === undefined
        ? {}
        : { burst: budget.id === id ? Math.max(Math.ceil(budget.burst * factor), largest) : budget.burst }),
    }
  })
  return {
    ...manifest,
    limits: { ...manifest.limits, ...(manifest.limits.budgets === undefined ? {} : { budgets }) },
  } as IntegrationManifest
}

const scales = new WeakMap<IntegrationManifest, Map<string | undefined, IntegrationManifest>>()

function scaledOnce(manifest: IntegrationManifest, id: string | undefined, factor: number): IntegrationManifest {
  const known = scales.get(manifest) ?? new Map<string | undefined, IntegrationManifest>()
  scales.set(manifest, known)
  const found = known.get(id) ?? scaled(manifest, id, factor)
  known.set(id, found)
  return found
}

async function crowd(subject: IntegrationSubject, name: string, budget: string | undefined): Promise<void> {
  const { units = most } = subject.manifest.limits.budgets?.find(({ id }) => id === budget) ?? {}
  const factor = Math.min(1, most / units)
  const manifest = scaledOnce(subject.manifest, budget, factor)
  const tested =
    subject.tested === undefined
      ? manifest
      : budget === undefined
        ? subject.tested
        : scaledOnce(subject.tested, budget, factor)
  const one = bench({ ...subject, manifest, tested })
  const { calls } = manifest.limits.concurrency ?? { calls: 0 }
  const input = one.simulator.input(name)
  // Of a list the first page is enough.
  const isList = manifest.operations[name]?.list !== undefined
  const each = () => outcomeOf(isList ? one.firstPage(name, input) : one.call(name, input))
  const outcomes = await one.run(
    Promise.all(Array.from({ length: budget === undefined ? calls * 2 : most * 2 + 2 }, each)),
  )
  const { overBudget, mostAtOnce } = one.simulator.load
  const done = outcomes.filter((outcome) => 'value' in outcome).length
  const failure = outcomes.find((outcome) => 'error' in outcome)
  demand(
    done > 0,
    `limits: none of ${outcomes.length} calls of ${name} came through: ${failure !== undefined && 'error' in failure ? inspectError(failure.error) : ''}`,
  )
  demand(
    one.simulator.requests.length >= done,
    `limits: ${done} calls of ${name} made ${one.simulator.requests.length} requests`,
  )
  demand(
    overBudget === 0,
    `limits.budgets ${budget ?? ''}: ${overBudget} requests were over it by the vendor's own count`,
  )
  if (calls > 0)
    demand(mostAtOnce <= calls, `limits.concurrency: ${mostAtOnce} calls at a time, where the vendor takes ${calls}`)
  await one.close()
}
