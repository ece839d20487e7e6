import { RequestRefusal } from '../vendor/refusal.ts'
import type { Draft } from '../wire/own-value.ts'

/** One reading of a list by tokens: its pages were cut when it began, so nothing that happens later moves them. */
export interface Reading {
  readonly id: string
  readonly pages: readonly (readonly Draft[])[]
  /** Of a scroll or an export: how often it was asked for. */
  asked: number
}

/** Readings of lists by token. Tokens say nothing: clients must send them back as they are. */
export class Readings {
  readonly #readings = new Map<string, Reading>()
  #made = 0

  begin(pages: readonly (readonly Draft[])[]): Reading {
    const reading: Reading = { id: `r${++this.#made}`, pages: pages.length === 0 ? [[]] : pages, asked: 0 }
    this.#readings.set(reading.id, reading)
    return reading
  }

  /** The reading and page of a token. @throws RequestRefusal for a token that was never given */
  at(token: string): { readonly reading: Reading; readonly index: number } {
    const [id = '', index = ''] = Buffer.from(token, 'base64url').toString().split('/')
    const reading = this.#readings.get(id)
    if (reading === undefined || !/^\d+$/.test(index))
      throw new RequestRefusal('invalid-input', 'the position was never given out')
    return { reading, index: Number(index) }
  }

  named(id: string): Reading {
    const reading = this.#readings.get(id)
    if (reading === undefined) throw new RequestRefusal('not-found', `there is no reading ${id}`)
    return reading
  }

  token(reading: Reading, index: number): string {
    return Buffer.from(`${reading.id}/${index}`).toString('base64url')
  }
}

export function cut<T>(list: readonly T[], size: number): T[][] {
  if (!Number.isFinite(size)) return [[...list]]
  const pages: T[][] = []
  for (let at = 0; at < list.length; at += size) pages.push(list.slice(at, at + size))
  return pages
}
