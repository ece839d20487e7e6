/** What the simulated vendor answers, before it is written as bytes. */
export interface VendorAnswer {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export function jsonAnswer(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): VendorAnswer {
  return textAnswer(JSON.stringify(value), 'application/json', status, headers)
}

export function textAnswer(
  text: string,
  type: string,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): VendorAnswer {
  return { status, headers: { 'content-type': type, ...headers }, body: Buffer.from(text) }
}

export const emptyAnswer = (status = 204, headers: Readonly<Record<string, string>> = {}): VendorAnswer => ({
  status,
  headers,
  body: new Uint8Array(),
})

/** How a vendor writes a value: JSON with what stands before it, CSV, NDJSON, XML, text. */
export function written(
  value: unknown,
  form: string,
  { prefix = '', type }: { readonly prefix?: string | undefined; readonly type?: string | undefined },
  headers: Readonly<Record<string, string>> = {},
): VendorAnswer {
  switch (form) {
    case 'nothing':
      return emptyAnswer(204, headers)
    case 'text':
      return textAnswer(typeof value === 'string' ? value : JSON.stringify(value), 'text/plain', 200, headers)
    case 'bytes':
    case 'stream':
      return textAnswer(typeof value === 'string' ? value : 'bytes', 'application/octet-stream', 200, headers)
    case 'ndjson': {
      const list = Array.isArray(value) ? value : [value]
      const lines = list.map((one) => `${JSON.stringify(one)}\n`)
      return textAnswer(lines.join(''), 'application/x-ndjson', 200, headers)
    }
    case 'csv':
      return textAnswer(csvOf(Array.isArray(value) ? value : [value]), 'text/csv', 200, headers)
    case 'xml':
      return textAnswer(xmlOf(value), 'application/xml', 200, headers)
    default:
      return textAnswer(prefix + JSON.stringify(value ?? null), type ?? 'application/json', 200, headers)
  }
}

function csvOf(rows: readonly unknown[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys((row ?? {}) as object)))]
  const cell = (value: unknown): string =>
    `"${String(value === undefined || value === null ? '' : value).replaceAll('"', '""')}"`
  const lines = rows.map((row) => names.map((name) => cell((row as Record<string, unknown>)[name])).join(','))
  return [names.map(cell).join(','), ...lines, ''].join('\n')
}

/** The inverse of how answers in XML are read: `@name` is an attribute, `#text` the text, a list repeats its element. */
function xmlOf(value: unknown): string {
  const [root = ['answer', value]] = Object.entries((value ?? {}) as object)
  return `<?xml version="1.0" encoding="UTF-8"?>${element(root[0] as string, root[1])}`
}

function element(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => element(name, one)).join('')
  if (typeof value !== 'object' || value === null) return `<${name}>${escaped(value)}</${name}>`
  const entries = Object.entries(value)
  const attributes = entries.flatMap(([key, one]) =>
    key.startsWith('@') ? [` ${key.slice(1)}="${escaped(one)}"`] : [],
  )
  const inner = entries.flatMap(([key, one]) =>
    key === '#text' ? [escaped(one)] : key.startsWith('@') ? [] : [element(key, one)],
  )
  return `<${name}${attributes.join('')}>${inner.join('')}</${name}>`
}

const escaped = (value: unknown): string =>
  String(value ?? '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
