/**
 * The smallest string after all that start with `prefix`, in code point order (which is the order of UTF-8 bytes), or undefined
 * when there is none: a range `>= prefix and < end` reads an index where LIKE with its wildcards would not.
 */
export function prefixEnd(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0)
  while (points.length > 0) {
    const last = points.pop() ?? 0
    if (last === 0x10ffff) continue
    // Surrogates are no characters: the one after U+D7FF is U+E000.
    return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
  }
  return undefined
}
