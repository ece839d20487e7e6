/**
 * Words of others as Markdown text: one line that shows as it was written. No character of it begins a heading, a list, a table cell, a
 * link, an image, an entity or HTML, and addresses in it do not become links.
 */
export function words(text: string): string {
  return oneLine(text)
    .replaceAll(/[\\`*_[\]{}|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('://', ':\\/\\/')
    .replaceAll(/\b(www|mailto|xmpp)([.:])/gi, '$1\\$2')
    .replaceAll('@', '\\@')
    .replaceAll(/(^| )#/g, '$1\\#')
    .replace(/^([-+=])/, '\\$1')
    .replace(/^(\d+)([.)])/, '$1\\$2')
    .replaceAll('$', '\\$')
}

/** Control characters, and those that turn the direction of text around, are gone. */
export function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/[\p{Cf}]/gu, '')
    .replaceAll(/ {2,}/g, ' ')
    .trim()
}

/** Code in a line. Backticks in it do not end it; a pipe does not end a table cell. */
export function code(text: string): string {
  const line = oneLine(text)
  if (line === '') return ''
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : ''
  return `${fence}${pad}${line}${pad}${fence}`.replaceAll('|', '\\|')
}

/** A link to an https page; only the words where the address is anything else. */
export function link(text: string, address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol !== 'https:' || url.username !== '') return words(text)
  const target = url.href.replaceAll(
    /[<>|\\()[\]`\s]/g,
    (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  )
  return `[${words(text)}](<${target}>)`
}

/** Rows of cells that are Markdown already. Nothing without rows. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => (cell === '' ? ' ' : cell)).join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}
