import type { SourceFacts } from './facts.ts'

/** Facts as JSON with one operation on a line: compact, in one order, and fit for a line by line difference. */
export function factsText(facts: SourceFacts): string {
  const lines = Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${JSON.stringify(key)}:${blocks.has(key) ? block(value) : JSON.stringify(value)}`)
  return `{${lines.join(',\n')}}\n`
}

const blocks = new Set(['operations', 'paths', 'security', 'others'])

function block(value: unknown): string {
  const list = Array.isArray(value)
  const lines = list
    ? value.map((one) => JSON.stringify(one))
    : Object.entries(value as object).map(([key, one]) => `${JSON.stringify(key)}:${JSON.stringify(one)}`)
  const [open, close] = list ? '[]' : '{}'
  return lines.length === 0 ? `${open}${close}` : `${open}\n${lines.join(',\n')}\n${close}`
}
