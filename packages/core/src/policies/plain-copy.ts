import { isPlain } from './canonical-json.ts'

/** A deep copy and what was learned on the way. */
export interface PlainCopy {
  readonly value: unknown
  /** Roughly what it takes in memory. */
  readonly bytes: number
  /** True when `JSON.stringify` loses nothing. */
  readonly json: boolean
}

const deepest = 100
/**
 * Larger values are not copied. In a value that names one object in several places (SOAP's `href` makes such ones) a copy holds it as often, so
 * that two kilobytes of a hostile answer would fill any memory.
 */
const mostBytes = 64 * 1024 * 1024
/** What an object or array costs besides what it holds. */
const headBytes = 32

class Copier {
  bytes = 0
  json = true
  readonly #freeze: boolean

  constructor(freeze: boolean) {
    this.#freeze = freeze
  }

  /** Throws `notPlain` at the first thing that a copy could not stand for. */
  copy(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'string':
        this.bytes += 2 * value.length + 16
        return value
      case 'number':
        this.bytes += 8
        if (!Number.isFinite(value)) this.json = false
        return value
      case 'boolean':
        this.bytes += 4
        return value
      case 'undefined':
      case 'bigint':
        this.bytes += 16
        this.json = false
        return value
      case 'object':
        if (value === null) return null
        if (depth > deepest || this.bytes > mostBytes) throw notPlain
        return this.#copyObject(value, depth + 1)
      default:
        throw notPlain
    }
  }

  #copyObject(value: object, depth: number): unknown {
    this.bytes += headBytes
    if (Array.isArray(value)) {
      const copy = value.map((item) => this.copy(item, depth))
      return this.#freeze ? Object.freeze(copy) : copy
    }
    if (value instanceof Date) return this.#unfrozen(new Date(value))
    if (value instanceof Uint8Array) {
      this.bytes += value.byteLength
      return this.#unfrozen(new Uint8Array(value))
    }
    if (!isPlain(value)) throw notPlain
    const copy: Record<string, unknown> = Object.getPrototypeOf(value) === null ? Object.create(null) : {}
    for (const key of Object.keys(value)) {
      const field = this.copy((value as Record<string, unknown>)[key], depth)
      this.bytes += 2 * key.length
      // An own field of this name, as JSON.parse makes it, must not become the prototype.
      if (key === '__proto__') Object.defineProperty(copy, key, { value: field, ...open })
      else copy[key] = field
    }
    return this.#freeze ? Object.freeze(copy) : copy
  }

  /** Dates and bytes can be changed even when frozen. */
  #unfrozen(copy: Date | Uint8Array): Date | Uint8Array {
    if (this.#freeze) throw notPlain
    this.json = false
    return copy
  }
}

const open = { enumerable: true, writable: true, configurable: true } as const
const notPlain = Symbol('not plain')

/** Copies plain data: JSON values, undefined, bigint, Date, Uint8Array. Undefined for anything else (streams, instances, cycles, above 64 MiB). */
export function copyPlain(value: unknown): PlainCopy | undefined {
  return run(value, false)
}

/** As {@link copyPlain}, deeply frozen; undefined also for what cannot be frozen (Date, Uint8Array). */
export function copyFrozen(value: unknown): PlainCopy | undefined {
  return run(value, true)
}

function run(value: unknown, freeze: boolean): PlainCopy | undefined {
  const copier = new Copier(freeze)
  try {
    return { value: copier.copy(value, 0), bytes: copier.bytes, json: copier.json }
  } catch {
    // Not plain, or a getter or proxy that throws: nothing that another caller could be given.
    return undefined
  }
}
