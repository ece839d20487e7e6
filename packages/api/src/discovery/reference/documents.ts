import { own } from '../own.ts'
import type { DataDocument } from '../source-document.ts'
import { pointerSteps, valueAt } from './json-pointer.ts'

export interface Resolved {
  readonly value: unknown
  readonly document: DataDocument
  /** Name under which it is declared, when the reference leads to a declaration. */
  readonly name?: string | undefined
  readonly reason?: undefined
}

export interface Unresolved {
  readonly value?: undefined
  readonly document?: undefined
  readonly reason: string
}

/** References are followed this often before they are taken for a ring. */
const mostHops = 100
const declarations = new Set(['schemas', 'definitions', '$defs'])

/** The documents of one reading with the references between them. Nothing is ever expanded: each reference is followed when it is met. */
export class Documents {
  readonly #byLocation = new Map<string, DataDocument>()
  readonly #targets = new Map<DataDocument, Map<string, Resolved | Unresolved>>()

  constructor(documents: Iterable<DataDocument>) {
    for (const document of documents) {
      if (document.location !== undefined) this.#byLocation.set(document.location, document)
    }
  }

  /** Follows a reference to what is no reference any more. */
  resolve(reference: string, from: DataDocument): Resolved | Unresolved {
    const known = this.#targets.get(from)?.get(reference)
    if (known !== undefined) return known
    const found = this.#follow(reference, from)
    let targets = this.#targets.get(from)
    if (targets === undefined) {
      targets = new Map()
      this.#targets.set(from, targets)
    }
    targets.set(reference, found)
    return found
  }

  #follow(reference: string, from: DataDocument): Resolved | Unresolved {
    let at = reference
    let document = from
    for (let hops = 0; hops < mostHops; hops++) {
      const target = this.#one(at, document)
      if (target.document === undefined) return target
      const next = own(target.value, '$ref')
      // Schemas keep what stands beside their reference: the reader of schemas follows those.
      if (typeof next !== 'string' || Object.keys(target.value as object).length > 1) return target
      at = next
      document = target.document
    }
    return { reason: 'the reference leads back to itself' }
  }

  #one(reference: string, from: DataDocument): Resolved | Unresolved {
    const cut = reference.indexOf('#')
    const address = cut === -1 ? reference : reference.slice(0, cut)
    let document = from
    if (address !== '') {
      const href = hrefOf(address, from.location)
      const other = href === undefined ? undefined : this.#byLocation.get(href)
      if (other === undefined) return { reason: 'the other document was not loaded' }
      document = other
    }
    const steps = pointerSteps(cut === -1 ? '' : reference.slice(cut + 1))
    const found = steps === undefined ? undefined : valueAt(document.value, steps)
    if (found === undefined || found.value === undefined) return { reason: 'there is nothing at that place' }
    const last = steps?.at(-1)
    const declared = last !== undefined && declarations.has(steps?.at(-2) ?? '')
    return { value: found.value, document, name: declared ? last : undefined }
  }
}

/** The address of another document; undefined when it cannot be told. */
export function hrefOf(address: string, base: string | undefined): string | undefined {
  const url = URL.parse(address, base)
  if (url === null) return undefined
  url.hash = ''
  return url.href
}
