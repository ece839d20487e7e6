import type { CallOptions, Store } from '@patchbay/core'
import { type FlowConnection, type FlowOptions, FlowRun, type JobCall } from './flow-run.ts'
import { JobState, jobFailed } from './job-state.ts'
import { type PollPace, pollWithin } from './poll.ts'

export interface BulkProgress {
  readonly phase: 'create' | 'upload' | 'close' | 'wait' | 'done'
  /** Parts uploaded. */
  readonly parts: number
}

/**
 * A job that takes records in parts and works on them later. `Job` is plain data (an id, an upload address): it is stored. Each function is
 * one call, and each may come again with the same arguments after a crash, so it must leave the same state: see the fields.
 */
export interface BulkJobOptions<Job, Part, Status, Row> extends FlowOptions {
  /** Names the job's state in the store: one key per job. At most 480 bytes. */
  readonly key: string
  /** Default: the connection's. */
  readonly store?: Store | undefined
  /** Creates the job. A crash after it and before its answer was stored brings it again, with the same idempotency key. */
  create(call: JobCall): Promise<Job>
  /** Asked before `create` comes again: a job that the earlier attempt made, for vendors that honour no keys but can be asked. */
  find?(call: JobCall): Promise<Job | undefined>
  /** The parts from number `from` (0 first). The same parts in the same order each time. */
  parts(from: number): Iterable<Part> | AsyncIterable<Part>
  /** Uploads one part, under its number or key, so that the same part again is no second one. */
  upload(job: Job, part: Part, call: JobCall & { readonly number: number }): Promise<unknown>
  /** Asked when a run goes on: how many parts the vendor has, where the same part again would be a second one. */
  uploaded?(job: Job, call: JobCall): Promise<number>
  /** Says that all parts are there. May come twice. */
  close?(job: Job, call: JobCall): Promise<unknown>
  status(job: Job, call: CallOptions): Promise<Status>
  /** True when the vendor has finished, well or not. */
  isDone(status: Status): boolean
  /** Why the whole job failed; undefined: it did not, whatever became of single rows. */
  failure?(status: Status): string | undefined
  /** What became of each record. */
  results?(job: Job, status: Status, call: CallOptions): AsyncIterable<Row>
  readonly pace?: PollPace | undefined
  readonly onProgress?: ((progress: BulkProgress) => void) | undefined
}

export interface BulkResult<Job, Status, Row> {
  readonly job: Job
  readonly status: Status
  /** Rows as the vendor gives them, asked for anew by each loop. Empty where the job has no `results`. */
  rows(options?: FlowOptions): AsyncIterable<Row>
}

interface BulkState<Job> {
  /** Makes the idempotency keys of this job its own. */
  readonly run: string
  readonly phase: 'create' | 'upload' | 'close' | 'wait' | 'done'
  readonly job?: Job | undefined
  readonly parts: number
}

/**
 * Creates a job, uploads its parts, closes it and waits for it. Where it stands is stored after each step, so that a run after a crash goes
 * on; run again after its end, it gives the result again without doing anything. `forgetJob` begins anew.
 * @throws PatchbayError of whatever call failed; `unexpected`, code `job-failed`; `conflict`, code `job-moved`, when two run the same job
 */
export async function bulkJob<Job, Part, Status, Row = unknown>(
  connection: FlowConnection,
  options: BulkJobOptions<Job, Part, Status, Row>,
): Promise<BulkResult<Job, Status, Row>> {
  const run = new FlowRun(connection, options)
  const store = new JobState<BulkState<Job>>(connection, options.store, options.key)
  const tell = ({ phase, parts }: BulkState<Job>): void => options.onProgress?.({ phase, parts })
  const loaded = await store.load()
  let state = loaded ?? (await store.save({ run: run.scope.random.uuid(), phase: 'create', parts: 0 }))
  const step = <T>(name: string, work: (call: JobCall) => Promise<T>): Promise<T> =>
    run.step(`${state.run}/${name}`, work)
  tell(state)
  if (state.phase === 'create') {
    const found = loaded === undefined ? undefined : await step('create', async (call) => options.find?.(call))
    const job = found ?? (await step('create', (call) => options.create(call)))
    state = await store.save({ ...state, phase: 'upload', job })
    tell(state)
  }
  const job = state.job as Job
  if (state.phase === 'upload') {
    // Only where an upload may have happened that was not stored.
    const known =
      loaded?.phase === 'upload' ? await step('uploaded', async (call) => options.uploaded?.(job, call)) : undefined
    if (known !== undefined && known > state.parts) state = await store.save({ ...state, parts: known })
    for await (const part of options.parts(state.parts)) {
      const number = state.parts
      await step(`part/${number}`, (call) => options.upload(job, part, { ...call, number }))
      state = await store.save({ ...state, parts: number + 1 })
      tell(state)
    }
    state = await store.save({ ...state, phase: 'close' })
    tell(state)
  }
  if (state.phase === 'close') {
    await step('close', async (call) => options.close?.(job, call))
    state = await store.save({ ...state, phase: 'wait' })
    tell(state)
  }
  const status = await pollWithin(run, {
    ...options.pace,
    ask: (callOptions) => options.status(job, callOptions),
    until: (answer) => options.isDone(answer),
  })
  const failure = options.failure?.(status)
  if (failure !== undefined) throw jobFailed(failure)
  if (state.phase !== 'done') {
    state = await store.save({ ...state, phase: 'done' })
    tell(state)
  }
  return {
    job,
    status,
    async *rows(rowOptions = {}) {
      if (options.results === undefined) return
      yield* options.results(job, status, new FlowRun(connection, rowOptions).callOptions(true))
    },
  }
}

/** Forgets where a job of {@link bulkJob} stands: the next run under its key creates a new one. */
export async function forgetJob(
  connection: FlowConnection,
  options: { readonly key: string; readonly store?: Store | undefined },
): Promise<void> {
  await new JobState(connection, options.store, options.key).forget()
}
