import type { Activity } from '../app/activity.ts'
import type { Progress } from './demo.ts'

/** Where the lines go: the part of a terminal's stream that is used. */
export interface Screen {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** One updating line per connection on a terminal; elsewhere plain lines, every two seconds and at each step. */
export function showProgress(
  screen: Screen,
  clock: () => number = () => performance.now(),
): (progress: Progress) => void {
  const started = clock()
  let drawn = 0
  let lastAt = Number.NEGATIVE_INFINITY
  let lastStep = ''
  const redraw = (lines: readonly string[]): void => {
    const up = drawn === 0 ? '' : `\u001b[${drawn}A`
    screen.write(`${up}${lines.map((line) => `\u001b[2K${line.slice(0, screen.columns ?? 100)}\n`).join('')}`)
    drawn = lines.length
  }
  return (progress) => {
    const now = clock()
    const isNewStep = progress.step !== lastStep
    if (!isNewStep && now - lastAt < (screen.isTTY === true ? 80 : 2000)) return
    lastAt = now
    lastStep = progress.step
    const seconds = ((now - started) / 1000).toFixed(1).padStart(5)
    const lines = linesOf(progress)
    if (screen.isTTY === true) redraw([`${seconds} s  ${progress.step}`, ...lines])
    else if (isNewStep) screen.write(`${seconds} s  ${progress.step}\n`)
    else screen.write(`${seconds} s  ${lines.map((line) => line.trim().replaceAll(/ +/g, ' ')).join(' | ')}\n`)
  }
}

function linesOf({ connections, webhooks }: Progress): readonly string[] {
  const { accepted, deduplicated, handled } = webhooks
  const refused = Object.values(webhooks.refused).reduce((sum, count) => sum + count, 0)
  return [
    connectionLine('github', connections.github),
    connectionLine('jira', connections.jira),
    `  webhooks  ${cell(accepted)} accepted ${cell(handled)} handled  ${cell(deduplicated)} repeated  ${cell(refused)} refused`,
  ]
}

function connectionLine(name: string, { records, requests, retries, waits, breaker }: Activity): string {
  const waited = Object.values(waits).reduce((sum, { ms }) => sum + ms, 0)
  const opened = breaker.open ?? 0
  return `  ${name.padEnd(9)} ${cell(records)} records  ${cell(requests)} requests ${cell(retries)} retries   waited ${(waited / 1000).toFixed(1)} s${opened === 0 ? '' : `, breaker opened ${opened}x`}`
}

const cell = (count: number): string => count.toLocaleString('en').padStart(6)
