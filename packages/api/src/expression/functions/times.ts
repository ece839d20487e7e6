import { formatTime, parseTime } from '../time.ts'
import type { ExpressionFunction } from './signature.ts'

/** Own functions for points in time. */
export const timeFunctions: Readonly<Record<string, ExpressionFunction>> = {
  /** ISO 8601 text with an offset to whole milliseconds since 1970; null for what is no such text. */
  to_epoch_ms: { parameters: [['string']], call: ([text]) => parseTime(text, undefined) ?? null },
  /** Milliseconds since 1970 to ISO 8601 text in UTC; null outside the years that it can write. */
  to_iso: {
    parameters: [['number']],
    call: ([value]) => formatTime(Number(value)) ?? null,
  },
}
