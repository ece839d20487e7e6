import { z } from 'zod'

/** What Jira sends for an issue: only the fields that are read, and only these are asked for. */
export const wireIssue = z.object({
  key: z.string(),
  fields: z.object({
    summary: z.string(),
    status: z.object({ name: z.string(), statusCategory: z.object({ key: z.string() }) }),
    assignee: z.object({ displayName: z.string() }).nullish(),
    labels: z.array(z.string()),
    created: z.string(),
    updated: z.string(),
  }),
})

export const fields = Object.keys(wireIssue.shape.fields.shape)

/** What callers get. Times are ISO 8601 in UTC. */
export const issue = z.object({
  key: z.string(),
  summary: z.string(),
  status: z.string(),
  done: z.boolean(),
  assignee: z.string().nullable(),
  labels: z.array(z.string()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})
export type Issue = z.infer<typeof issue>

export function toIssue({ key, fields }: z.infer<typeof wireIssue>): Issue {
  return {
    key,
    summary: fields.summary,
    status: fields.status.name,
    done: fields.status.statusCategory.key === 'done',
    assignee: fields.assignee?.displayName ?? null,
    labels: fields.labels,
    createdAt: utc(fields.created),
    updatedAt: utc(fields.updated),
  }
}

/** Jira writes `2024-01-02T03:04:05.678+0000`. */
function utc(time: string): string {
  return new Date(time.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')).toISOString()
}

export const wirePage = z.object({ startAt: z.int(), total: z.int(), issues: z.array(wireIssue) })

export const page = z.object({
  /** Number of the first of these issues among all that were found. */
  startAt: z.int(),
  total: z.int(),
  issues: z.array(issue),
})
export type IssuePage = z.infer<typeof page>
