/**
 * PostgreSQL's text holds every character but NUL. NUL and the character that marks it are written as two characters, which
 * leaves all other values as they are, readable by any client.
 */
const mark = '\u0001'

export function encodeText(value: string): string {
  const isPlain = !value.includes('\0') && !value.includes(mark)
  return isPlain ? value : value.replaceAll(mark, `${mark}1`).replaceAll('\0', `${mark}0`)
}

export function decodeText(text: string): string {
  return text.includes(mark) ? text.replaceAll(`${mark}0`, '\0').replaceAll(`${mark}1`, mark) : text
}
