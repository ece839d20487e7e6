/** Loads once for all concurrent callers and keeps the value. A failure is forgotten, so that the next caller tries again. */
export interface Lazy<T> {
  (): Promise<T>
  /** The value when it is there, without starting anything. */
  readonly current: T | undefined
  /** The load under way or done, without starting one. */
  readonly pending: Promise<T> | undefined
  /** Forgets the value; the next caller loads anew. */
  reset(): void
}

export function lazy<T>(load: () => Promise<T>): Lazy<T> {
  let pending: Promise<T> | undefined
  let current: T | undefined
  const get = (): Promise<T> => {
    if (pending !== undefined) return pending
    const mine = load().then(
      (value) => {
        if (pending === mine) current = value
        return value
      },
      (error: unknown) => {
        if (pending === mine) pending = undefined
        throw error
      },
    )
    pending = mine
    return mine
  }
  return Object.defineProperties(get, {
    current: { get: () => current },
    pending: { get: () => pending },
    reset: {
      value: () => {
        pending = undefined
        current = undefined
      },
    },
  }) as Lazy<T>
}

/** Code that is on its way from the disk. The clock of tests stands still until it is there: an import takes real time only. */
export const codeOnItsWay = new Set<Promise<unknown>>()

/** As {@link lazy}, for a literal `import()` of our own code. */
export function lazyCode<T>(load: () => Promise<T>): Lazy<T> {
  return lazy(() => {
    const loading = load()
    const arrived = (): boolean => codeOnItsWay.delete(loading)
    codeOnItsWay.add(loading)
    loading.then(arrived, arrived)
    return loading
  })
}
