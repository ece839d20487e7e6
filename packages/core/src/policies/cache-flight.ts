import type { Call } from '../call.ts'
import type { Cancel } from '../clock.ts'
import type { PatchbayError } from '../errors.ts'
import { Answer } from '../policy.ts'
import type { Snapshot } from './cache-entries.ts'

interface Follower {
  readonly call: Call
  readonly resolve: (answer: Answer | undefined) => void
  readonly reject: (reason: unknown) => void
  unlisten: Cancel
}

/** Identical reads that run as one: a leader that asks the vendor, and followers that wait for its answer. */
export class Flight {
  readonly #followers = new Set<Follower>()

  /** Waits for the leader's outcome; undefined means: go yourself, as the new leader or on your own. */
  follow(call: Call): Promise<Answer | undefined> {
    return new Promise((resolve, reject) => {
      const follower: Follower = { call, resolve, reject, unlisten: () => undefined }
      this.#followers.add(follower)
      const unlisten = call.onCancel((reason) => {
        this.#followers.delete(follower)
        reject(reason)
      })
      follower.unlisten = unlisten
    })
  }

  /** Gives every follower the answer. */
  answer(snapshot: Snapshot): void {
    for (const follower of this.#leaving()) follower.resolve(new Answer(snapshot.read()))
  }

  /** Gives every follower the leader's error, which is as much theirs. */
  fail(error: PatchbayError): void {
    for (const follower of this.#leaving()) follower.reject(error)
  }

  /** Sends every follower on its own way: the answer is one that cannot be shared. */
  disband(): void {
    for (const follower of this.#leaving()) follower.resolve(undefined)
  }

  /** The leader gave up for reasons of its own: the first follower takes over. Returns it, or undefined when there is none. */
  handOver(): { readonly call: Call; go(): void } | undefined {
    for (const follower of this.#followers) {
      this.#followers.delete(follower)
      follower.unlisten()
      return { call: follower.call, go: () => follower.resolve(undefined) }
    }
    return undefined
  }

  *#leaving(): Iterable<Follower> {
    for (const follower of this.#followers) {
      this.#followers.delete(follower)
      follower.unlisten()
      yield follower
    }
  }
}
