import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { subjectOfEvent, ticketOfEvent } from './ticket-of-event.ts'

interface Example {
  readonly name: string
  readonly examples: readonly Record<string, unknown>[]
}
const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly Example[]

it('finds the ticket of every published payload that is about one, and none in the others', () => {
  let about = 0
  for (const { name, examples: payloads } of examples) {
    for (const payload of payloads) {
      const ticket = ticketOfEvent(payload)
      const shows = 'issue' in payload || 'pull_request' in payload
      expect(ticket !== undefined, `${name} ${String(payload.action)}`).toBe(shows)
      if (ticket === undefined) continue
      about++
      expect(ticket.key).toBe(subjectOfEvent(payload))
      expect(Date.parse(ticket.updatedAt)).toBeGreaterThan(0)
    }
  }
  expect(about).toBeGreaterThan(70)
})

it('makes the same ticket of an issue as the stream does', () => {
  const payload = examples.find(({ name }) => name === 'issues')?.examples[0]
  expect(ticketOfEvent(payload)).toMatchObject({
    id: 'github:Codertocat/Hello-World#1',
    source: 'github',
    key: 'Codertocat/Hello-World#1',
    title: 'Spelling error in the README file',
    url: 'https://github.com/Codertocat/Hello-World/issues/1',
  })
})

it.each([[null], ['text'], [{}], [{ issue: { number: 1 }, repository: { full_name: 'a/b' } }]])(
  'is not surprised by %j',
  (body) => {
    expect(ticketOfEvent(body)).toBeUndefined()
  },
)
