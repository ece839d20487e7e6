import { z } from 'zod'
import { toIssue, wireIssue } from '../connectors/github/wire.ts'
import { type Ticket, ticketOfGithub } from './ticket.ts'

// Some payloads leave out what the API always gives: labels, and for `issues` `pinned` the state, which then shows in `closed_at` only.
const subject = wireIssue
  .extend({ labels: wireIssue.shape.labels.default([]), state: z.string().optional(), closed_at: z.string().nullish() })
  .transform(({ state, ...rest }) => ({ ...rest, state: state ?? (rest.closed_at == null ? 'open' : 'closed') }))

const payload = z.object({
  repository: z.object({ full_name: z.string() }),
  issue: subject.optional(),
  pull_request: subject.optional(),
})

/** What the ordering of a webhook's effects hangs on: the ticket that it is about, if any. */
export function subjectOfEvent(body: unknown): string | undefined {
  const found = read(body)
  return found === undefined ? undefined : `${found.repository}#${found.issue.number}`
}

/** The ticket that a webhook of GitHub shows; undefined for those that are about something else. */
export function ticketOfEvent(body: unknown): Ticket | undefined {
  const found = read(body)
  return found === undefined ? undefined : ticketOfGithub(toIssue(found.issue), found.repository)
}

function read(body: unknown): { readonly issue: z.infer<typeof subject>; readonly repository: string } | undefined {
  const { success, data } = payload.safeParse(body)
  const issue = data?.issue ?? data?.pull_request
  return success && issue !== undefined ? { issue, repository: data.repository.full_name } : undefined
}
