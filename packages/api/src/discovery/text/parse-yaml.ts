import { descriptionError } from '../description-error.ts'
import { isFields } from '../own.ts'

export interface YamlLimits {
  readonly maxDepth: number
  /** Most values that aliases may stand for, nested ones multiplied. */
  readonly maxAliases: number
}

/**
 * YAML 1.2 with merge keys (`<<`), which many descriptions use. Tags that would build anything but data do not exist in this schema.
 * @throws PatchbayError `description-syntax` with line and column, `description-too-deep`, `description-too-many-aliases`
 */
export async function parseYaml(text: string, limits: YamlLimits): Promise<unknown> {
  const { LineCounter, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  let value: unknown
  try {
    // Comparing each key with all others costs the square of their number; as in JSON, the last of equal keys counts.
    const document = parseDocument(text, {
      version: '1.2',
      merge: true,
      uniqueKeys: false,
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'silent',
    })
    const [error] = document.errors
    if (error !== undefined) {
      // The parser ends a document that overflows its stack like a mistake in it.
      if (/call stack/i.test(error.message)) throw new RangeError(error.message)
      const { line, col } = lines.linePos(error.pos[0])
      const place = `line ${line}, column ${col}`
      throw descriptionError('syntax', place, `the YAML is broken: ${error.message}`, 'Correct the document there.')
    }
    value = document.toJS({ maxAliasCount: limits.maxAliases })
  } catch (error) {
    throw asDescriptionError(error, limits)
  }
  const deep = deeperThan(value, limits.maxDepth)
  if (deep !== undefined) throw tooDeep(limits.maxDepth, `#${deep}`)
  return value
}

function asDescriptionError(error: unknown, { maxAliases, maxDepth }: YamlLimits): unknown {
  if (error instanceof RangeError) return tooDeep(maxDepth, '#')
  if (error instanceof ReferenceError) {
    return /alias/i.test(error.message) && /excessive/i.test(error.message)
      ? descriptionError(
          'too-many-aliases',
          '#',
          `the aliases of the YAML stand for more than ${maxAliases} values`,
          'Raise maxAliases if you trust it.',
        )
      : descriptionError('syntax', '#', 'an alias of the YAML names no anchor', 'Correct the alias.')
  }
  return error
}

function tooDeep(maxDepth: number, place: string): Error {
  const what = `the document is nested deeper than ${maxDepth} levels`
  return descriptionError('too-deep', place, what, 'Raise maxDepth if you trust it.')
}

/** The pointer of a value beyond the depth. An alias may lead to one object from many places; each is looked at once per depth. */
function deeperThan(value: unknown, maxDepth: number): string | undefined {
  const seen = new WeakMap<object, number>()
  const waiting: [unknown, number][] = [[value, 1]]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [at, depth] = next
    if (typeof at !== 'object' || at === null || (seen.get(at) ?? 0) >= depth) continue
    seen.set(at, depth)
    if (depth > maxDepth) return ''
    for (const child of Array.isArray(at) ? at : isFields(at) ? Object.values(at) : []) waiting.push([child, depth + 1])
  }
  return undefined
}
