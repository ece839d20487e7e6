import { expect, it } from 'vitest'
import { newActivity } from '../app/activity.ts'
import type { Progress } from './demo.ts'
import { showProgress } from './progress.ts'

function shown(isTTY: boolean) {
  let now = 0
  let written = ''
  const screen = {
    isTTY,
    write: (text: string) => {
      written += text
    },
  }
  const show = showProgress(screen, () => now)
  return {
    at(ms: number, progress: Progress): string {
      now = ms
      written = ''
      show(progress)
      return written
    },
  }
}

const progress = (step: string, records = 0): Progress => ({
  step,
  connections: { github: { ...newActivity(), records }, jira: newActivity() },
  webhooks: { accepted: 3, deduplicated: 0, refused: { 'bad-signature': 2 }, handled: 1, tickets: 0 },
})

it('keeps one line per connection on a terminal', () => {
  const { at } = shown(true)
  expect(at(0, progress('first')).split('\n')).toHaveLength(5)
  expect(at(10, progress('first', 1))).toBe('')
  const second = at(100, progress('first', 1234))
  // Four lines up, and each is written anew.
  expect(second.startsWith('\u001b[4A\u001b[2K')).toBe(true)
  expect(second).toContain('1,234 records')
})

it('writes plain lines elsewhere, at each step and every two seconds', () => {
  const { at } = shown(false)
  expect(at(0, progress('first'))).toBe('  0.0 s  first\n')
  expect(at(1900, progress('first', 5))).toBe('')
  expect(at(2000, progress('first', 5))).toContain('github 5 records')
  expect(at(2001, progress('second', 5))).toBe('  2.0 s  second\n')
  expect(at(4002, progress('second', 5))).not.toContain('\u001b')
})
