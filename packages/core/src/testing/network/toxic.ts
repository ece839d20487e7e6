/** `down` is what the target answers, `up` what the client sends. */
export type Direction = 'up' | 'down'

/** One thing wrong with a line. Times in milliseconds. */
export type Toxic = {
  /** Default `down`. `half-open` and `timeout` without one hold both directions. */
  readonly direction?: Direction
  /** Part of the connections that have it, drawn once for each. Default 1. */
  readonly probability?: number
} & (
  | { readonly type: 'latency'; readonly ms: number }
  /** Every piece waits for another time, up to `mostMs`; the order stays. */
  | { readonly type: 'jitter'; readonly mostMs: number }
  | { readonly type: 'bandwidth'; readonly bytesPerSecond: number }
  /** Cuts what passes into pieces of `bytes`, more or less by `variation`, with `delayMs` between them. */
  | { readonly type: 'slicer'; readonly bytes: number; readonly variation?: number; readonly delayMs?: number }
  /** Lets so many bytes pass and then closes both sides in order. */
  | { readonly type: 'limit'; readonly bytes: number }
  /** Resets both sides after so many bytes, or so long after the connection began. Default: at once. */
  | { readonly type: 'reset'; readonly afterBytes?: number; readonly afterMs?: number }
  /** Swallows everything, and closes after `closeAfterMs`; without it never (a black hole). */
  | { readonly type: 'timeout'; readonly closeAfterMs?: number }
  /** Flips one bit in one of so many bytes, at random places. */
  | { readonly type: 'corrupt'; readonly everyBytes: number }
  /** After so many bytes (default 0) the route is gone: nothing passes any more, neither data nor FIN nor RST; both sockets stay open. */
  | { readonly type: 'half-open'; readonly afterBytes?: number }
)

/** Bytes on their way, or the end of them. */
export interface Piece {
  readonly bytes: Buffer
  /** Monotonic milliseconds before which it must not go out. */
  readonly dueAt: number
  readonly end?: 'finish' | 'reset' | undefined
}
