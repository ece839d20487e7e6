export interface HedgeOptions {
  /** Milliseconds after which the second copy is sent. Default: the 95th percentile of recent attempts, once 20 are known. */
  readonly afterMs?: number
  /** Most hedges per call, as a ratio. Default 0.05. */
  readonly ratio?: number
}

export const standardRatio = 0.05
