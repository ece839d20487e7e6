import { z } from 'zod'

const person = z.object({ login: z.string() })

/** What GitHub sends for an issue: only the fields that are read. A pull request is an issue with `pull_request`. */
export const wireIssue = z.object({
  number: z.int(),
  title: z.string(),
  state: z.string(),
  html_url: z.string(),
  assignee: person.nullish(),
  labels: z.array(z.union([z.string(), z.object({ name: z.string().optional() })])),
  created_at: z.string(),
  updated_at: z.string(),
})

/** What callers get. */
export const issue = z.object({
  number: z.int(),
  title: z.string(),
  state: z.enum(['open', 'closed']),
  url: z.string(),
  assignee: z.string().nullable(),
  labels: z.array(z.string()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})
export type Issue = z.infer<typeof issue>

export function toIssue(wire: z.infer<typeof wireIssue>): Issue {
  return {
    number: wire.number,
    title: wire.title,
    state: wire.state === 'closed' ? 'closed' : 'open',
    url: wire.html_url,
    assignee: wire.assignee?.login ?? null,
    labels: wire.labels.flatMap((label) => (typeof label === 'string' ? label : (label.name ?? []))),
    createdAt: wire.created_at,
    updatedAt: wire.updated_at,
  }
}
