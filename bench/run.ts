// pnpm bench [name...] and pnpm chaos [name...]; options: --json, --seed <number>, --rounds <number>, and --sabotage <what> for drills
// that can break a guarantee on purpose. Without a name: the list. Exit status 1 when a goal is missed.
import { globSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Bench, BenchOptions } from './bench.ts'
import { type Report, report, table } from './report.ts'

/** Names of the benches or drills: `core.bench.ts` is `core`. */
function namesOf(kind: string): string[] {
  return globSync(`*.${kind}.ts`, { cwd: import.meta.dirname })
    .map((file) => file.slice(0, -`.${kind}.ts`.length))
    .sort()
}

async function load(kind: string, name: string): Promise<Bench> {
  const { bench } = (await import(new URL(`${name}.${kind}.ts`, import.meta.url).href)) as { bench?: Bench }
  if (bench === undefined) throw new Error(`bench/${name}.${kind}.ts exports no \`bench\``)
  return bench
}

async function measure(kind: string, name: string, options: BenchOptions): Promise<Report> {
  try {
    const { run } = await load(kind, name)
    return report(name, await run(options))
  } catch (error) {
    console.error(error)
    return { name, ok: false, rows: [], error: error instanceof Error ? error.message : String(error) }
  }
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${option} must be a whole number, not ${text}`)
  return value
}

async function main([kind = 'bench', ...rest]: readonly string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      seed: { type: 'string' },
      rounds: { type: 'string' },
      sabotage: { type: 'string' },
    },
  })
  const names = namesOf(kind)
  if (positionals.length === 0) {
    const list = await Promise.all(
      names.map(async (name) => ({ name, description: (await load(kind, name)).description })),
    )
    const width = Math.max(0, ...names.map((name) => name.length))
    console.log(
      values.json
        ? JSON.stringify(list)
        : list.map((one) => `${one.name.padEnd(width)}  ${one.description}`).join('\n'),
    )
    return true
  }
  const unknown = positionals.filter((name) => !names.includes(name))
  if (unknown.length > 0)
    throw new Error(`there is no ${kind} named ${unknown.join(', ')}; there are: ${names.join(', ')}`)

  const options: BenchOptions = {
    seed: wholeNumber('seed', values.seed) ?? 1,
    rounds: wholeNumber('rounds', values.rounds),
    sabotage: values.sabotage,
    log: (text) => process.stderr.write(`${text}\n`),
  }
  let ok = true
  for (const name of positionals) {
    const result = await measure(kind, name, options)
    ok &&= result.ok
    console.log(values.json ? JSON.stringify(result) : table(result))
  }
  return ok
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1
} catch (error) {
  console.error(`patchbay: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
