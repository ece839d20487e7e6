/** Caps of one reading; a document above them is refused, never read in part. */
export interface DescriptionLimits {
  /** Bytes of one document. Default 20 MB (20,000,000). */
  readonly maxBytes?: number | undefined
  /** Bytes of all documents together. Default twice `maxBytes`. */
  readonly maxTotalBytes?: number | undefined
  /** Documents, those reached by references among them. Default 200. */
  readonly maxDocuments?: number | undefined
  /** Nesting of objects and lists. Default 1000. */
  readonly maxDepth?: number | undefined
  /** Values that YAML aliases may stand for, nested ones multiplied. Default 10,000. */
  readonly maxAliases?: number | undefined
  /** Findings that are listed; more are only counted. Default 1000. */
  readonly maxFindings?: number | undefined
}

export interface Caps {
  readonly maxBytes: number
  readonly maxTotalBytes: number
  readonly maxDocuments: number
  readonly maxDepth: number
  readonly maxAliases: number
  readonly maxFindings: number
}

export function capsOf(limits: DescriptionLimits = {}): Caps {
  const maxBytes = limits.maxBytes ?? 20_000_000
  return {
    maxBytes,
    maxTotalBytes: limits.maxTotalBytes ?? maxBytes * 2,
    maxDocuments: limits.maxDocuments ?? 200,
    maxDepth: limits.maxDepth ?? 1000,
    maxAliases: limits.maxAliases ?? 10_000,
    maxFindings: limits.maxFindings ?? 1000,
  }
}
