/** A program of another registry, or why this machine has none. */
export type Peer = { readonly path: string } | { readonly missing: string }

/** The independent implementations that the tests talk to. */
export interface Peers {
  /** An interpreter that has everything in requirements.txt. */
  readonly python: Peer
  /** The HTTP server on Go's standard library. */
  readonly goServer: Peer
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly peers: Peers
  }
}
