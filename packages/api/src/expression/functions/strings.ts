import { produce, type Run, spend, spendLength } from '../budget.ts'
import { toJsonText } from '../values.ts'
import type { ExpressionFunction, Fail } from './signature.ts'

const text = ['string'] as const
const oneText = [text] as const
const twoTexts = [text, text] as const

export const stringFunctions: Readonly<Record<string, ExpressionFunction>> = {
  starts_with: { parameters: twoTexts, call: ([subject, part], run) => paid(part, run) && subject.startsWith(part) },
  ends_with: { parameters: twoTexts, call: ([subject, part], run) => paid(part, run) && subject.endsWith(part) },
  join: {
    parameters: [text, ['array[string]']],
    call([glue, list], run) {
      for (const part of list) produce(run, part.length + glue.length)
      return list.join(glue)
    },
  },
  to_string: {
    parameters: [['any']],
    call: ([value], run) => (typeof value === 'string' ? value : toJsonText(value, run)),
  },
  lower: { parameters: oneText, call: ([subject], run) => made(subject.toLowerCase(), run) },
  upper: { parameters: oneText, call: ([subject], run) => made(subject.toUpperCase(), run) },
  trim: { parameters: twoTexts, least: 1, call: ([subject, set], run) => trim(subject, set, run, true, true) },
  trim_left: { parameters: twoTexts, least: 1, call: ([subject, set], run) => trim(subject, set, run, true, false) },
  trim_right: { parameters: twoTexts, least: 1, call: ([subject, set], run) => trim(subject, set, run, false, true) },
  split: {
    parameters: [text, text, ['number']],
    least: 2,
    call([subject, mark, count], run, fail) {
      if (mark === '') {
        spendLength(run, subject.length)
        produce(run, subject.length * 2)
        const points: string[] = Array.from(subject)
        const most = whole(count ?? points.length, fail)
        return most >= points.length ? points : [...points.slice(0, most), points.slice(most).join('')]
      }
      return pieces(subject, mark, whole(count ?? Number.MAX_SAFE_INTEGER, fail), run)
    },
  },
  replace: {
    parameters: [text, text, text, ['number']],
    least: 3,
    call([subject, old, replacement, count], run, fail) {
      if (old === '') return subject
      const parts = pieces(subject, old, whole(count ?? Number.MAX_SAFE_INTEGER, fail), run)
      produce(run, subject.length + replacement.length * (parts.length - 1))
      return parts.join(replacement)
    },
  },
  find_first: {
    parameters: [text, text, ['number'], ['number']],
    least: 2,
    call: (values, run, fail) => find(values as [string, string, number?, number?], run, fail, false),
  },
  find_last: {
    parameters: [text, text, ['number']],
    least: 2,
    call: ([subject, part, position], run, fail) =>
      find([subject, part, 0, position === undefined ? undefined : position + part.length], run, fail, true),
  },
  pad_left: {
    parameters: [text, ['number'], text],
    least: 2,
    call: ([subject, width, sign], run, fail) => padding(subject, width, sign ?? ' ', run, fail) + subject,
  },
  pad_right: {
    parameters: [text, ['number'], text],
    least: 2,
    call: ([subject, width, sign], run, fail) => subject + padding(subject, width, sign ?? ' ', run, fail),
  },
}

function paid(part: string, run: Run): true {
  spendLength(run, part.length)
  return true
}

function made(result: string, run: Run): string {
  spendLength(run, result.length)
  produce(run, result.length)
  return result
}

/** Number of code points. */
export function lengthOf(subject: string, run: Run): number {
  spendLength(run, subject.length)
  let length = subject.length
  for (let index = 0; index < subject.length - 1; index++) {
    const unit = subject.charCodeAt(index)
    if (unit < 0xd800 || unit > 0xdbff) continue
    const next = subject.charCodeAt(index + 1)
    if (next >= 0xdc00 && next <= 0xdfff) {
      length--
      index++
    }
  }
  return length
}

export function reverseText(subject: string, run: Run): string {
  produce(run, subject.length)
  return Array.from(subject).reverse().join('')
}

/** The engine's search may compare every place with the whole part: long parts in long texts cost what they could cost. */
export function spendSearch(run: Run, subject: string, part: string): void {
  spend(run, 1 + (subject.length >>> 10) + Math.floor((subject.length * part.length) / 65_536))
}

function pieces(subject: string, mark: string, most: number, run: Run): string[] {
  spendSearch(run, subject, mark)
  const found: string[] = []
  let from = 0
  while (found.length < most) {
    const at = subject.indexOf(mark, from)
    if (at < 0) break
    spend(run, 1)
    found.push(subject.slice(from, at))
    from = at + mark.length
  }
  found.push(subject.slice(from))
  produce(run, subject.length + found.length)
  return found
}

/** By code point. White space without a set, or with an empty one. */
function trim(subject: string, set: string | undefined, run: Run, left: boolean, right: boolean): string {
  spendLength(run, subject.length + (set?.length ?? 0))
  produce(run, subject.length)
  if (set === undefined || set === '') {
    return left && right ? subject.trim() : left ? subject.trimStart() : subject.trimEnd()
  }
  const wanted = new Set(set)
  const points = Array.from(subject)
  let start = 0
  let end = points.length
  while (left && start < end && wanted.has(points[start] as string)) start++
  while (right && end > start && wanted.has(points[end - 1] as string)) end--
  return points.slice(start, end).join('')
}

/** Positions count code points. Null when it is not there. */
function find(
  [subject, part, start, end]: [string, string, number?, number?],
  run: Run,
  fail: Fail,
  last: boolean,
): number | null {
  spendSearch(run, subject, part)
  const length = lengthOf(subject, run)
  const from = integer(start ?? 0, fail)
  const until = integer(end ?? length, fail)
  const within = (at: number): number => Math.min(length, Math.max(0, at < 0 ? at + length : at))
  const [first, behind] = [within(from), within(until)]
  if (part === '' || first >= behind) return null
  const plain = length === subject.length
  const points = plain ? undefined : Array.from(subject)
  const window = points === undefined ? subject.slice(first, behind) : points.slice(first, behind).join('')
  const at = last ? window.lastIndexOf(part) : window.indexOf(part)
  if (at < 0) return null
  return first + (plain ? at : lengthOf(window.slice(0, at), run))
}

function padding(subject: string, width: number, sign: string, run: Run, fail: Fail): string {
  if (lengthOf(sign, run) !== 1) throw fail('invalid-value', 'the padding is not one character', 'give one')
  const missing = whole(width, fail) - lengthOf(subject, run)
  if (missing <= 0) return ''
  produce(run, missing * sign.length + subject.length)
  return sign.repeat(missing)
}

function integer(value: number | bigint, fail: Fail): number {
  const number = Number(value)
  if (!Number.isInteger(number)) throw fail('invalid-type', 'a position or count is no whole number', 'use floor()')
  return number
}

function whole(value: number | bigint, fail: Fail): number {
  const number = integer(value, fail)
  if (number < 0) throw fail('invalid-value', 'a count or width is negative', 'give 0 or more')
  return number
}
