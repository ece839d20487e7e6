import { type PatchbayError, patchbayError } from '@patchbay/core'

/**
 * Why a description cannot be read at all. `syntax`: not JSON, YAML or XML. `too-large`, `too-deep`, `too-many-aliases`: above the caps.
 * `unknown-format`: nothing that a reader knows. `refused`: the address or folder may not be read. `unreadable`: there is no such file,
 * or the server did not give it. `malformed`: the format is known but its frame is broken.
 */
export type DescriptionProblem =
  | 'syntax'
  | 'too-large'
  | 'too-deep'
  | 'too-many-aliases'
  | 'unknown-format'
  | 'refused'
  | 'unreadable'
  | 'malformed'

const kinds = { 'unknown-format': 'unsupported', refused: 'config', unreadable: 'config' } as const

/**
 * An error about the description itself; `code` is `description-<problem>`, the issue's path is the place in it.
 * @param remedy one sentence that says what to do
 */
export function descriptionError(
  problem: DescriptionProblem,
  place: string,
  what: string,
  remedy: string,
  cause?: unknown,
): PatchbayError {
  return patchbayError({
    kind: problem in kinds ? kinds[problem as keyof typeof kinds] : 'invalid-input',
    code: `description-${problem}`,
    message: 'the API description cannot be read',
    issues: [{ path: place, message: `${what}. ${remedy}` }],
    cause,
  })
}
