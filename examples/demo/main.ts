// npm run demo [-- --json] [--seed N] [--records N] [--calm] [--break HOW]
//
// Starts hostile vendors on loopback, reads them, takes their webhooks in, dies a few times on the way, and holds what it has against
// what the vendors say is true. Exit status 1 when anything was lost or came twice. docs/guide/demo.md explains the summary.
import { parseArgs } from 'node:util'
import { breakages } from './app/breakage.ts'
import { type DemoOptions, runDemo } from './drill/demo.ts'
import { showProgress } from './drill/progress.ts'
import { outcomeOf, summaryOf } from './drill/summary.ts'

const usage = `npm run demo -- [--json] [--seed N] [--records N] [--calm] [--break ${breakages.join('|')}]`

function options(): DemoOptions & { readonly json: boolean } {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      records: { type: 'string', default: '12000' },
      calm: { type: 'boolean', default: false },
      break: { type: 'string' },
    },
  })
  const breakage = breakages.find((one) => one === values.break)
  if (values.break !== undefined && breakage === undefined) throw new RangeError(`--break ${values.break}: no such way`)
  const { json, calm } = values
  return { json, calm, breakage, seed: count('seed', values.seed, 0), records: count('records', values.records, 500) }
}

function count(name: string, text: string, least: number): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < least)
    throw new RangeError(`--${name} wants a whole number from ${least}`)
  return number
}

async function main(given: ReturnType<typeof options>): Promise<number> {
  const stop = new AbortController()
  let stoppedBy = 0
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    process.once(signal, () => {
      stoppedBy = status
      stop.abort(new Error(`ended by ${signal}`))
    })
  const show = showProgress(process.stdout)
  try {
    const report = await runDemo({ ...given, onProgress: show }, stop.signal)
    process.stdout.write(summaryOf(report))
    const outcome = outcomeOf(report)
    if (given.json) process.stdout.write(`${JSON.stringify(outcome)}\n`)
    return outcome.ok ? 0 : 1
  } catch (error) {
    if (stoppedBy === 0) throw error
    process.stderr.write('all processes of the demo are stopped\n')
    return stoppedBy
  }
}

let given: ReturnType<typeof options> | undefined
try {
  given = options()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`)
  process.exitCode = 1
}
if (given !== undefined) process.exitCode = await main(given)
