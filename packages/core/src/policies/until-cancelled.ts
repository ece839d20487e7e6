import type { Call } from '../call.ts'

/** The promise's value, or undefined as soon as the call is given up: for waits on something that may hang, such as a store. */
export function untilCancelled<T>(call: Call, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const unlisten = call.onCancel(() => resolve(undefined))
    promise.then(resolve, reject).finally(unlisten)
  })
}
