import type { IntegrationManifest } from '../../manifest/manifest.ts'
import type { FaultRun } from '../faults/index.ts'
import { type FaultContext, type SimulatedFault, simulatedFaults } from '../faults/index.ts'
import { type OperationPlan, planOf } from '../vendor/operation-plan.ts'
import { recordForm } from '../vendor/record-forms.ts'
import { demand, difference, inspectError, onceEach, outcomeOf, plainText, tell } from './compare.ts'
import {
  approval,
  type Bench,
  bench,
  firstCredential,
  type IntegrationCheck,
  type IntegrationSubject,
} from './subject.ts'

/** Reads that meet the faults: every list, and the check of the connection, which is the read that everybody makes. */
export function faultyReads(manifest: IntegrationManifest): readonly OperationPlan[] {
  const names = Object.keys(manifest.operations).filter(
    (name) =>
      manifest.operations[name]?.soap === undefined &&
      (manifest.operations[name]?.list !== undefined || name === manifest.check?.operation),
  )
  return names.map((name) => planOf(manifest, name, manifest.operations[name] as never))
}

/** Every read without a fault, then under each of them. */
export function readChecks(
  manifest: IntegrationManifest,
  wanted: readonly string[] | undefined,
): readonly IntegrationCheck[] {
  const reads = faultyReads(manifest)
  const plain = reads
    .filter(({ operation }) => operation.list !== undefined)
    .map((plan) => checkOf(manifest, plan, undefined))
  const faults = simulatedFaults.filter(({ id }) => wanted === undefined || wanted.includes(id))
  return [...plain, ...faults.flatMap((fault) => reads.map((plan) => checkOf(manifest, plan, fault)))]
}

function checkOf(
  manifest: IntegrationManifest,
  plan: OperationPlan,
  fault: SimulatedFault | undefined,
): IntegrationCheck {
  const declared = fault === undefined ? undefined : manifest.tests?.faults?.[fault.id]
  const credential = firstCredential(manifest)
  const context = { manifest, plan, credential } as FaultContext
  return {
    name: fault === undefined ? `${plan.name} gives every record once` : `${plan.name}: ${fault.title}`,
    effect: 'read',
    needs: [],
    fault: fault?.id,
    about: plan.name,
    impossible: declared ?? fault?.impossible(context),
    run: (subject) => (fault === undefined ? unharmed(subject, plan.name) : harmed(subject, plan.name, fault)),
  }
}

const planIn = ({ simulator }: Bench, name: string): OperationPlan =>
  planOf(simulator.manifest, name, simulator.manifest.operations[name] as never)

async function unharmed(subject: IntegrationSubject, name: string): Promise<void> {
  const one = bench(subject)
  const held = heldBy(one, name)
  const outcome = await one.run(outcomeOf(one.list(name)))
  demand(
    'value' in outcome,
    `operations["${name}"]: ${'error' in outcome ? inspectError(outcome.error) : ''}${lastVerdict(one)}`,
  )
  const wrong = difference(comparable(one, name, outcome.value), comparable(one, name, held))
  demand(
    wrong === undefined,
    `operations["${name}"].list: ${wrong === undefined ? '' : tell(wrong)}; look at its pagination and items`,
  )
  await one.close()
}

/** What the vendor said last, which often tells which field is wrong. */
function lastVerdict({ simulator }: Bench): string {
  const last = simulator.requests.findLast(({ status }) => status >= 400)
  return last === undefined ? '' : `; the vendor saw ${last.method} ${last.url}: ${last.verdict}`
}

function heldBy({ simulator }: Bench, name: string): readonly unknown[] {
  return simulator.records(name)
}

function comparable({ simulator }: Bench, name: string, records: readonly unknown[]): readonly unknown[] {
  const { output, list } = simulator.manifest.operations[name] ?? {}
  const { pagination } = planOf(simulator.manifest, name, simulator.manifest.operations[name] as never)
  const form = pagination?.kind === 'export-job' ? (pagination.download.format ?? 'json') : (output?.as ?? 'json')
  if (form === 'json' || form === 'ndjson') return records
  void list
  return records.map(plainText)
}

async function harmed(subject: IntegrationSubject, name: string, fault: SimulatedFault): Promise<void> {
  for (let index = 0; ; index++) {
    const one = bench(subject)
    const plan = planIn(one, name)
    const context: FaultContext = {
      simulator: one.simulator,
      manifest: one.simulator.manifest,
      plan,
      clock: one.clock,
      credential: firstCredential(one.simulator.manifest),
    }
    const runs = fault.runs(context)
    const run = runs[index]
    if (run === undefined) return
    await underFault(one, plan, fault, run, context)
    await one.close()
  }
}

async function underFault(
  one: Bench,
  plan: OperationPlan,
  fault: SimulatedFault,
  run: FaultRun,
  context: FaultContext,
): Promise<void> {
  const isList = plan.operation.list !== undefined
  const held = isList ? heldBy(one, plan.name) : []
  const input =
    plan.name === one.simulator.manifest.check?.operation && !isList
      ? { ...one.simulator.manifest.check?.input }
      : undefined
  one.simulator.disturb(run.interference)
  const work = isList ? one.list(plan.name) : one.call(plan.name, input ?? one.simulator.input(plan.name), approval)
  const outcome = await one.run(outcomeOf(work))
  const where = `operations["${plan.name}"] under ${fault.id}${run.variant === undefined ? '' : ` (${run.variant})`}`
  const problem = run.problem?.()
  demand(problem === undefined, `${where}: ${problem}`)
  const expected = fault.expectation(context)
  if ('error' in expected) {
    demand('error' in outcome, `${where}: expected an error of kind ${expected.error.join(' or ')}, and got data`)
    const { kind } = outcome.error
    demand(
      expected.error.includes(kind),
      `${where}: expected ${expected.error.join(' or ')}, and got ${inspectError(outcome.error)}`,
    )
    return
  }
  demand('value' in outcome, `${where}: ${'error' in outcome ? inspectError(outcome.error) : ''}`)
  if (!isList) return
  const id = recordForm(
    plan,
    Object.values(context.manifest.streams ?? {}).filter(({ operation }) => operation === plan.name),
    (context.manifest.schemas ?? {}) as never,
    [],
  ).id
  const read = outcome.value as readonly unknown[]
  const seen = expected.data === 'complete-by-id' ? onceEach(read, id) : read
  const all = expected.data === 'complete-by-id' ? onceEach(held, id) : held
  const wrong = difference(comparable(one, plan.name, seen), comparable(one, plan.name, all))
  // What came to be while the list was read may be in it or not.
  const born = comparable(one, plan.name, heldBy(one, plan.name))
  const late = wrong === undefined ? undefined : difference(comparable(one, plan.name, seen), born)
  demand(wrong === undefined || late === undefined, `${where}: ${wrong === undefined ? '' : tell(wrong)}`)
}
