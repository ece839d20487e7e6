import type { Issue } from '@patchbay/core'

/** What a check gives back instead of a value; the reasons stand in the run's findings. */
export const refused: unique symbol = Symbol('refused')

/** Nested values beyond this are refused: no vendor's document comes near it, and the stack holds it easily. */
const deepest = 200
/** Elements and alternatives that may be looked at inside of `oneOf` and `anyOf`, where nesting multiplies the work. */
const mostAlternativeSteps = 2_000_000
/** Fields and elements of one value: a value that holds itself twice would otherwise be walked without end. */
const mostParts = 20_000_000
/** Enough to repair an input; a hostile value must not fill memory with issues. */
const mostFindings = 50

export interface Finding extends Issue {
  readonly path: string
  readonly message: string
  /** The keyword that a value in a tolerant run departs from; undefined for issues. */
  readonly drift?: string | undefined
}

/**
 * One validation under way. Paths are written backwards, while checks return: a value without findings pays nothing for them.
 */
export class ValidationRun {
  findings: Finding[] = []
  /** True when departures that a tolerant run accepts are worth writing down. */
  readonly observed: boolean
  /** Why the whole run was given up; overrides the verdict of alternatives. */
  stopped: string | undefined
  #depth = 0
  #quiet = 0
  #alternatives = 0
  #steps = 0
  #parts = 0

  constructor(observed: boolean) {
    this.observed = observed
  }

  /** True while reasons are not written down. */
  get quiet(): boolean {
    return this.#quiet > 0
  }

  refuse(message: string, path = ''): typeof refused {
    if (this.#quiet === 0 && this.findings.length < mostFindings) this.findings.push({ path, message })
    return refused
  }

  drift(keyword: string, message: string): void {
    if (this.findings.length < mostFindings) this.findings.push({ path: '', message, drift: keyword })
  }

  /** Goes one level down, over `size` elements. False: give up. Every true is followed by {@link leave}. */
  enter(size: number): boolean {
    if (this.#alternatives > 0 && !this.#spend(size)) return false
    this.#parts += size
    if (this.#parts > mostParts) this.stopped ??= 'is too large'
    if (this.stopped !== undefined) return false
    if (this.#depth >= deepest) {
      this.stopped ??= `is nested more than ${deepest} levels deep`
      return false
    }
    this.#depth++
    return true
  }

  leave(): void {
    this.#depth--
  }

  /** Tries one alternative without writing down why it does not fit. */
  attempt<T>(task: () => T): T | typeof refused {
    if (!this.#spend(1)) return refused
    this.#quiet++
    this.#alternatives++
    try {
      return task()
    } finally {
      this.#quiet--
      this.#alternatives--
    }
  }

  /** Puts `key` in front of the paths of the findings since `start`. */
  within(start: number, key: string | number): void {
    for (let index = start; index < this.findings.length; index++) {
      const finding = this.findings[index] as Finding
      const name = typeof key === 'string' && key.length > 100 ? `${key.slice(0, 100)}…` : key
      this.findings[index] = { ...finding, path: finding.path === '' ? String(name) : `${name}.${finding.path}` }
    }
  }

  #spend(size: number): boolean {
    this.#steps += size + 1
    if (this.#steps > mostAlternativeSteps) this.stopped ??= 'has too many alternatives to look through'
    return this.stopped === undefined
  }
}

/** The fields that some schema of a place names, gathered while `allOf`, `anyOf`, `oneOf` and `$ref` are applied to it. */
export interface NamedFields {
  readonly sets: (ReadonlyMap<string, unknown> | ReadonlySet<string>)[]
  /** True when one of the schemas is open to every field. */
  open: boolean
}

/** Gives the value, in strict mode with defaults filled in, or {@link refused}. `named` is where it adds the fields it names. */
export type Check = (value: unknown, run: ValidationRun, named?: NamedFields) => unknown

/** Free of any rule. */
export const accept: Check = (value) => value
