/** `line 3, column 14` of an offset, both from 1. */
export function placeInText(text: string, offset: number): string {
  let line = 1
  let begin = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', begin)) {
    line++
    begin = at + 1
  }
  return `line ${line}, column ${Math.max(0, offset - begin) + 1}`
}
