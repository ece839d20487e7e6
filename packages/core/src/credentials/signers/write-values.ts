import type { SignableRequest } from '../../credential.ts'
import type { CredentialMarks } from '../../http/transport.ts'
import type { ConfigCheck } from '../config-check.ts'
import { setQuery } from '../query.ts'
import { type Scope, textOf } from './evaluate.ts'
import type { Value } from './value.ts'

/** One place of a request and what goes there. */
export type Writing =
  | { readonly header: string; readonly value: Value }
  | { readonly query: string; readonly value: Value }
  | { readonly cookie: string; readonly value: Value }

export function checkWritings(check: ConfigCheck, path: string, writings: readonly Writing[]): void {
  if (!Array.isArray(writings) || writings.length === 0) {
    check.issue(path, 'must name at least one place to write to')
    return
  }
  for (const [index, one] of writings.entries()) {
    const places = ['header', 'query', 'cookie'].filter((place) => place in one)
    if (places.length !== 1) check.issue(`${path}.${index}`, 'must have exactly one of header, query and cookie')
    else if ('header' in one) check.headerName(`${path}.${index}.header`, one.header)
  }
}

export function marksOf(writings: readonly Writing[]): CredentialMarks {
  const headers = new Set<string>()
  const query = new Set<string>()
  for (const one of writings) {
    if ('header' in one) headers.add(one.header.toLowerCase())
    else if ('query' in one) query.add(one.query)
    else headers.add('cookie')
  }
  return { headers: [...headers], query: [...query] }
}

/** Writes in the given order, so that a later value may cover an earlier place. */
export function writeValues(request: SignableRequest, writings: readonly Writing[], scope: Scope): void {
  for (const one of writings) {
    const text = textOf(one.value, scope)
    if ('header' in one) request.headers[one.header.toLowerCase()] = text
    else if ('query' in one) request.url = setQuery(request.url, one.query, text)
    else request.headers.cookie = withCookie(request.headers.cookie, one.cookie, text)
  }
}

function withCookie(present: string | readonly string[] | undefined, name: string, value: string): string {
  const others = [present ?? []]
    .flat()
    .flatMap((line) => line.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '' && pair.split('=')[0] !== name)
  return [...others, `${name}=${value}`].join('; ')
}
