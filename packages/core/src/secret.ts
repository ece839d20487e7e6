const shown = '[secret]'

/**
 * A value that does not print. `String()`, template literals, `JSON.stringify`, `util.inspect`, `console.log` and structured
 * clones show `[secret]` or nothing; only {@link Secret.reveal} gives the value.
 */
export class Secret<T = string> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  /** The value. Call it at the last moment and keep the result in no object that lives on. */
  reveal(): T {
    return this.#value
  }

  toString(): string {
    return shown
  }

  toJSON(): string {
    return shown
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return shown
  }
}

/** Accepts a plain value or a Secret, so that configuration may hold either. */
export type MaybeSecret<T = string> = T | Secret<T>

export function secret<T>(value: MaybeSecret<T>): Secret<T> {
  return value instanceof Secret ? value : new Secret(value)
}
