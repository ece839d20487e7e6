import type { RecordedBody, RecordedRequest } from './fixture.ts'
import { hasPlaceholder, placeholderPattern } from './redactor.ts'

/** Everything in which `sent` differs from what was recorded; a placeholder stands for any value. */
export function differences(
  recorded: RecordedRequest,
  sent: RecordedRequest,
  headers: readonly string[],
): readonly string[] {
  const found: string[] = []
  if (recorded.method !== sent.method) found.push(`method: recorded ${recorded.method}, sent ${sent.method}`)
  compareUrls(recorded.url, sent.url, found)
  for (const name of headers) compareText(`header ${name}`, recorded.headers[name], sent.headers[name], found)
  compareBodies(recorded.body, sent.body, found)
  return found
}

function compareUrls(recorded: string, sent: string, found: string[]): void {
  const [path, query = ''] = recorded.split('?', 2) as [string, string?]
  const [sentPath, sentQuery = ''] = sent.split('?', 2) as [string, string?]
  compareText('url', path, sentPath, found)
  const before = pairsOf(query)
  const after = pairsOf(sentQuery)
  for (const name of new Set([...before.keys(), ...after.keys()]))
    compareText(`query ${name}`, before.get(name)?.join(', '), after.get(name)?.join(', '), found)
}

function pairsOf(query: string): Map<string, string[]> {
  const pairs = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(query)) pairs.set(name, [...(pairs.get(name) ?? []), value])
  return pairs
}

function compareBodies(recorded: RecordedBody | undefined, sent: RecordedBody | undefined, found: string[]): void {
  if (recorded === undefined || sent === undefined) {
    if (recorded !== sent)
      found.push(recorded === undefined ? 'body: recorded none, sent one' : 'body: recorded one, sent none')
  } else if ('json' in recorded && 'json' in sent) compareJson('body', recorded.json, sent.json, found)
  else if ('text' in recorded && 'text' in sent) compareText('body', recorded.text, sent.text, found)
  else if ('base64' in recorded && 'base64' in sent) compareText('body', recorded.base64, sent.base64, found)
  else found.push(`body: recorded as ${Object.keys(recorded)[0]}, sent as ${Object.keys(sent)[0]}`)
}

function compareJson(path: string, recorded: unknown, sent: unknown, found: string[]): void {
  const scalar = typeof sent === 'string' || typeof sent === 'number'
  if (typeof recorded === 'string' && hasPlaceholder(recorded) && scalar) {
    compareText(path, recorded, String(sent), found)
    return
  }
  if (isObject(recorded) && isObject(sent) && Array.isArray(recorded) === Array.isArray(sent)) {
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(sent)]))
      compareJson(
        `${path}.${key}`,
        Object.hasOwn(recorded, key) ? recorded[key] : absent,
        Object.hasOwn(sent, key) ? sent[key] : absent,
        found,
      )
    return
  }
  if (recorded !== sent) found.push(`${path}: recorded ${shown(recorded)}, sent ${shown(sent)}`)
}

const absent = Symbol('nothing')

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function compareText(what: string, recorded: string | undefined, sent: string | undefined, found: string[]): void {
  if (recorded === sent) return
  if (
    recorded !== undefined &&
    sent !== undefined &&
    hasPlaceholder(recorded) &&
    placeholderPattern(recorded).test(sent)
  )
    return
  found.push(`${what}: recorded ${shown(recorded ?? absent)}, sent ${shown(sent ?? absent)}`)
}

function shown(value: unknown): string {
  if (value === absent) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
