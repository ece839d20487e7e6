import type { AnswerVerdict, ErrorMapping, JudgedAnswer, Meaning } from '@patchbay/core/http'
import { pathReader } from '@patchbay/core/http'
import { z } from 'zod'

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const scalars = z.union([scalar, z.array(scalar)])

/**
 * `{ path: 'ok', is: false }`, `{ path: 'code', not: 0 }`, or `{ path: 'error' }`, which must then be absent, null, false, empty text or an
 * empty list.
 */
export const failedAnswer = z.strictObject({
  path: z.string().min(1),
  is: scalars.optional().describe('Values that say that it failed.'),
  not: scalars.optional().describe('Values that say that it succeeded; any other, also none, says that it failed.'),
})

export type FailedAnswer = z.infer<typeof failedAnswer>

/** Core's judge for vendors that put errors into answers with status 200. The kind comes from the code, an unknown one is `unexpected`. */
export function judgeOf(
  failed: FailedAnswer | readonly FailedAnswer[],
  { code, codes = {}, expired = [] }: Pick<ErrorMapping, 'code' | 'codes' | 'expired'>,
): (answer: JudgedAnswer) => AnswerVerdict | undefined {
  const tests = [failed].flat().map((one) => testOf(one as FailedAnswer))
  const places = (code === undefined ? usualCodes : [code].flat()).map((path) => pathReader(path as string))
  return (answer) => {
    if (answer.status < 200 || answer.status > 299) return undefined
    const value = answer.value()
    if (!tests.some((test) => test(value))) return undefined
    const found = codeIn(places, value)
    if (found !== undefined && expired.includes(found)) return { kind: 'credential', expired: true }
    const meaning: Meaning =
      found !== undefined && Object.hasOwn(codes, found) ? (codes[found] as Meaning) : 'unexpected'
    return typeof meaning === 'string' ? { kind: meaning } : meaning
  }
}

const usualCodes = ['code', 'error.code', 'errors.0.code', 'error']

function codeIn(places: readonly ((value: unknown) => unknown)[], value: unknown): string | undefined {
  for (const read of places) {
    const found = read(value)
    if ((typeof found === 'string' && found !== '') || typeof found === 'number') return String(found)
  }
  return undefined
}

function testOf({ path, is, not }: FailedAnswer): (value: unknown) => boolean {
  const read = pathReader(path)
  if (is !== undefined) return (value) => [is].flat().includes(read(value) as never)
  if (not !== undefined) return (value) => ![not].flat().includes(read(value) as never)
  return (value) => says(read(value))
}

function says(found: unknown): boolean {
  if (found === undefined || found === null || found === false || found === '') return false
  return !(Array.isArray(found) && found.length === 0)
}
