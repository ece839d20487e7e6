import { patchbayError } from '../errors.ts'

/**
 * The name of an inbox or a sender as a part of its stored keys. Without separators: a name such as `acme/endpoint`, perhaps a tenant's, would
 * otherwise write among the endpoints of `acme`.
 */
export function storeName(name: string, owner: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) return name
  throw patchbayError({
    kind: 'config',
    message: `${owner}: name must be 1 to 100 of letters, digits, dot, dash and underscore`,
  })
}
