import type { Random } from '../../clock.ts'

/** Randomness that a seed determines: the same calls give the same values on every machine. Not for secrets. */
export interface SeededRandom extends Random {
  readonly seed: string
  /** Uniform integer in [0, end). */
  below(end: number): number
  /** Uniform in [low, high). */
  between(low: number, high: number): number
  /** @throws RangeError for an empty list. */
  pick<T>(list: readonly T[]): T
  /** A shuffled copy. */
  shuffle<T>(list: readonly T[]): T[]
  /** An independent source for one part of a test, so that its draws do not shift those of the others. */
  fork(name: string): SeededRandom
}

/** A small, fast generator (sfc32 of PractRand, 128 bits of state) behind the Random port. */
export function seededRandom(seed: number | string): SeededRandom {
  return new SmallFastRandom(String(seed))
}

class SmallFastRandom implements SeededRandom {
  readonly seed: string
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: string) {
    this.seed = seed
    this.#a = hash(seed, 0x9e3779b9)
    this.#b = hash(seed, 0x85ebca6b)
    this.#c = hash(seed, 0xc2b2ae35)
    for (let round = 0; round < 15; round++) this.#word()
  }

  readonly next = (): number => {
    // 53 bits, as Math.random gives.
    const high = this.#word() >>> 5
    const low = this.#word() >>> 6
    return (high * 67_108_864 + low) / 9_007_199_254_740_992
  }

  readonly bytes = (length: number): Uint8Array => {
    const bytes = new Uint8Array(length)
    for (let index = 0; index < length; index += 4) {
      const word = this.#word()
      for (let offset = 0; offset < 4 && index + offset < length; offset++)
        bytes[index + offset] = (word >>> (offset * 8)) & 0xff
    }
    return bytes
  }

  readonly uuid = (): string => {
    const bytes = this.bytes(16)
    bytes[6] = 0x40 | ((bytes[6] ?? 0) & 0x0f)
    bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
    return Buffer.from(bytes)
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  }

  below(end: number): number {
    return Math.floor(this.next() * end)
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('pick: the list is empty')
    return list[this.below(list.length)] as T
  }

  shuffle<T>(list: readonly T[]): T[] {
    const copy = [...list]
    for (let last = copy.length - 1; last > 0; last--) {
      const other = this.below(last + 1)
      const kept = copy[last] as T
      copy[last] = copy[other] as T
      copy[other] = kept
    }
    return copy
  }

  fork(name: string): SeededRandom {
    return new SmallFastRandom(`${this.seed}/${name}`)
  }

  #word(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return sum >>> 0
  }
}

/** 32-bit FNV-1a from `basis`, with a final mix so that seeds 1 and 2 share no bits. */
function hash(text: string, basis: number): number {
  let value = basis
  for (const byte of Buffer.from(text, 'utf8')) value = Math.imul(value ^ byte, 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x7feb352d)
  value = Math.imul(value ^ (value >>> 15), 0x846ca68b)
  return (value ^ (value >>> 16)) | 0
}
