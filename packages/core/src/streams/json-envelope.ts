import { ByteStore } from './byte-store.ts'
import { brokenStream } from './stream-error.ts'

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const openArray = 0x5b
const closeArray = 0x5d
const openObject = 0x7b
const closeObject = 0x7d
const byteOrderMark = [0xef, 0xbb, 0xbf]

const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/**
 * Everything of a JSON document but the records: follows it to the array at a path and keeps what stands around it. The grammar is not
 * checked here but at the end, by parsing what was kept with an empty array in the place of the records.
 */
export class JsonEnvelope {
  readonly #path: readonly string[]
  readonly #largest: number
  readonly #kept = new ByteStore(1024)
  #seen = 0
  #depth = 0
  /** How many keys of the path the open objects have matched. */
  #matched = 0
  #inString = false
  #escaped = false
  #stringAt = 0
  #key: string | undefined
  /** True between the path's next key and its value. */
  #atValue = false
  #found = false

  constructor(path: readonly string[], largest: number) {
    this.#path = path
    this.#largest = largest
    this.#atValue = path.length === 0
  }

  get found(): boolean {
    return this.#found
  }

  /** Reads from `from`; answers the position after the array's bracket when it came by, else `to`. */
  push(bytes: Uint8Array, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number
      if (this.#seen < 3 && byte === byteOrderMark[this.#seen]) {
        this.#seen++
        continue
      }
      this.#seen = 3
      this.#kept.push(byte)
      if (this.#kept.length > this.#largest) {
        throw brokenStream('envelope-too-large', `more than ${this.#largest} bytes stand outside of ${this.#name()}`)
      }
      if (this.#take(byte)) return at + 1
    }
    return to
  }

  /** The envelope's value. Throws when the document is cut, goes on after its end, or has no array at the path. */
  finish(parse: (bytes: Buffer, from: number, to: number) => unknown): unknown {
    if (this.#kept.length === 0) throw brokenStream('truncated', 'the body is empty')
    if (this.#depth > 0 || this.#inString) throw brokenStream('truncated', 'the body ends before its JSON does')
    let value: unknown
    try {
      value = parse(this.#kept.bytes, 0, this.#kept.length)
    } catch {
      throw brokenStream('bad-json', `the body around ${this.#name()} is not JSON, or goes on after its end`)
    }
    let at = value
    for (const key of this.#path) at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined
    // The second condition holds for a document in which a later key of the same name hides the records.
    if (!this.#found || !Array.isArray(at)) throw this.#wrongShape('is missing')
    return value
  }

  /** True when `byte` opened the array of records. */
  #take(byte: number): boolean {
    if (this.#inString) {
      this.#inText(byte)
      return false
    }
    if (isBlank(byte)) return false
    if (this.#atValue) {
      this.#atValue = false
      return this.#begin(byte)
    }
    switch (byte) {
      case quote:
        this.#inString = true
        this.#stringAt = this.#kept.length
        break
      case colon:
        this.#atValue = this.#onPath() && this.#key === this.#path[this.#matched]
        this.#key = undefined
        break
      case openObject:
      case openArray:
        this.#depth++
        break
      case closeObject:
      case closeArray:
        if (this.#onPath() && this.#matched > 0) this.#matched--
        this.#depth--
        break
      case comma:
        this.#key = undefined
        break
    }
    return false
  }

  #inText(byte: number): void {
    if (this.#escaped) {
      this.#escaped = false
    } else if (byte === backslash) {
      this.#escaped = true
    } else if (byte === quote) {
      this.#inString = false
      if (this.#onPath()) this.#key = this.#text(this.#stringAt, this.#kept.length - 1)
    }
  }

  /** A value that begins where the path leads. */
  #begin(byte: number): boolean {
    const last = this.#matched >= this.#path.length - 1
    if (last && byte === openArray) {
      if (this.#found) throw this.#wrongShape('comes twice')
      this.#found = true
      this.#kept.push(closeArray)
      return true
    }
    if (last) throw this.#wrongShape('is no array')
    if (byte !== openObject) throw this.#wrongShape('is missing')
    this.#matched++
    this.#depth++
    return false
  }

  /** Whether the innermost open container is the object whose keys are compared. */
  #onPath(): boolean {
    return this.#depth === this.#matched + 1
  }

  #text(from: number, to: number): string | undefined {
    const raw = this.#kept.bytes.toString('utf8', from, to)
    if (!raw.includes('\\')) return raw
    try {
      return JSON.parse(`"${raw}"`) as string
    } catch {
      return undefined
    }
  }

  #wrongShape(why: string): Error {
    return brokenStream('no-records', `${this.#name()} ${why} in the body`)
  }

  #name(): string {
    return this.#path.length === 0 ? 'the array of records' : `the array ${this.#path.join('.')}`
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
