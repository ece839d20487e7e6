import type { Field } from '@patchbay/core/webhooks'
import { valueAt, withValueAt } from '../wire/own-value.ts'

/** A message while the simulated vendor writes it. */
export class DraftMessage {
  readonly headers = new Map<string, string>()
  readonly url: URL
  body: unknown
  /** Written as pairs, where the scheme signs those. */
  readonly form: boolean

  constructor(url: string, body: unknown, form: boolean) {
    this.url = new URL(url)
    this.body = body
    this.form = form
    this.headers.set('content-type', form ? 'application/x-www-form-urlencoded' : 'application/json')
  }

  write(field: Field, text: string): void {
    switch (field.from) {
      case 'header':
        this.headers.set(field.name, text)
        return
      case 'query':
        this.url.searchParams.set(field.name, text)
        return
      case 'header-pair': {
        const before = this.headers.get(field.name)
        const pair = `${field.pair}=${text}`
        this.headers.set(field.name, before === undefined ? pair : `${before}${field.separator ?? ','}${pair}`)
        return
      }
      default:
        this.body = everywhere(this.body, field.path.split('.'), text)
    }
  }

  read(field: Field): string | undefined {
    if (field.from === 'header') return this.headers.get(field.name)
    if (field.from === 'query') return this.url.searchParams.get(field.name) ?? undefined
    if (field.from === 'body') {
      const value = valueAt(this.body, field.path)
      return value === undefined || value === null ? undefined : String(value)
    }
    const pairs = (this.headers.get(field.name) ?? '').split(field.separator ?? ',').map((pair) => pair.trim())
    return pairs.find((pair) => pair.startsWith(`${field.pair}=`))?.slice(field.pair.length + 1)
  }

  get pairs(): [string, string][] {
    return Object.entries((this.body ?? {}) as object).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ])
  }

  get bytes(): Buffer {
    return Buffer.from(this.form ? new URLSearchParams(this.pairs).toString() : JSON.stringify(this.body))
  }
}

/** A value at a path in which `*` stands for every item of a list; a list that is not there gets one. */
function everywhere(value: unknown, [key, ...rest]: readonly string[], text: string): unknown {
  if (key === undefined) return text
  if (key !== '*') return withValueAt(value, key, everywhere(valueAt(value, key), rest, text))
  const items = Array.isArray(value) && value.length > 0 ? value : [{}]
  return items.map((item) => everywhere(item, rest, text))
}
