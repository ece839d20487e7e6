import { descriptionError } from '../description-error.ts'
import { placeInText } from './text-position.ts'

const quote = 0x22
const backslash = 0x5c

/**
 * @param maxDepth deepest nesting of objects and lists
 * @throws PatchbayError `description-syntax` with line and column, `description-too-deep`
 */
export function parseJson(text: string, maxDepth: number): unknown {
  const deep = tooDeepAt(text, maxDepth)
  if (deep !== undefined) {
    throw descriptionError(
      'too-deep',
      placeInText(text, deep),
      `the document is nested deeper than ${maxDepth} levels`,
      'Raise maxDepth if you trust it.',
    )
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    const message = cause instanceof SyntaxError ? cause.message : ''
    const offset = /at position (\d+)/.exec(message)?.[1]
    const place = placeInText(text, offset === undefined ? text.length : Number(offset))
    throw descriptionError('syntax', place, `the JSON is broken: ${reason(message)}`, 'Correct the document there.')
  }
}

/** The engine's reason without its quotation of the document. */
function reason(message: string): string {
  return message.replace(/ in JSON at position.*$/s, '').replace(/, (?:\.\.\.)?".*$/s, '') || 'not valid'
}

/** Offset of the first bracket beyond the depth. One pass over the text: a broken document cannot cost more than its length. */
function tooDeepAt(text: string, maxDepth: number): number | undefined {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      at = endOfString(text, at + 1)
      if (at === -1) return undefined
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxDepth) return at
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return undefined
}

/** Offset of the closing quote; -1 without one. */
function endOfString(text: string, from: number): number {
  let at = text.indexOf('"', from)
  while (at !== -1) {
    let slashes = 0
    while (text.charCodeAt(at - 1 - slashes) === backslash) slashes++
    if (slashes % 2 === 0) return at
    at = text.indexOf('"', at + 1)
  }
  return -1
}
