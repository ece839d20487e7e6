// npm run demo [-- --json] [--seed N] [--records N] [--calm] [--break HOW]
//
// Starts hostile vendors on loopback, reads them, takes their webhooks in, dies a few times on the way, and holds what it has against
// what the vendors say is true. Exit status 1 when anything was lost or came twice. docs/guide/demo.md explains the summary.
import { parseArgs } from 'node:util'
import { type Breakage, breakages } from './app/breakage.ts'
import { runDemo } from './drill/demo.ts'
import { showProgress } from './drill/progress.ts'
import { outcomeOf, summaryOf } from './drill/summary.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    records: { type: 'string', default: '12000' },
    calm: { type: 'boolean', default: false },
    break: { type: 'string' },
  },
})

function count(name: string, text: string, least: number): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < least)
    throw new RangeError(`--${name} wants a whole number from ${least}`)
  return number
}

const breakage = values.break as Breakage | undefined
if (breakage !== undefined && !breakages.includes(breakage))
  throw new RangeError(`--break is one of ${breakages.join(', ')}`)

const stop = new AbortController()
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  process.once(signal, () => {
    process.exitCode = status
    stop.abort(new Error(`ended by ${signal}`))
  })

const { show, end } = showProgress(process.stdout)
try {
  const options = {
    seed: count('seed', values.seed, 0),
    records: count('records', values.records, 500),
    breakage,
    calm: values.calm,
    onProgress: show,
  }
  const report = await runDemo(options, stop.signal)
  end()
  process.stdout.write(summaryOf(report))
  const outcome = outcomeOf(report)
  if (values.json) process.stdout.write(`${JSON.stringify(outcome)}\n`)
  process.exitCode = outcome.ok ? 0 : 1
} catch (error) {
  if (!stop.signal.aborted) throw error
  process.stderr.write(`${String(stop.signal.reason.message)}: all processes of the demo are stopped\n`)
}
