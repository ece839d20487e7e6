import { z } from 'zod'

/** What the vendor sends: only the fields that are read; others may come and go. */
export const wireIssue = z.object({
  number: z.number(),
  title: z.string(),
  state: z.enum(['open', 'closed']),
  updated_at: z.string(),
})

/** What callers get. */
export const issue = z.object({ number: z.number(), title: z.string(), open: z.boolean(), updatedAt: z.iso.datetime() })
export type Issue = z.infer<typeof issue>

export function toIssue({ number, title, state, updated_at }: z.infer<typeof wireIssue>): Issue {
  return { number, title, open: state === 'open', updatedAt: new Date(updated_at).toISOString() }
}
