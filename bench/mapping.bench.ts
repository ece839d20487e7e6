import { isDeepStrictEqual } from 'node:util'
import { compileMapping, type MappingSpec, models } from '@patchbay/api/mapping'
import { search } from 'jmespath'
import jsonata from 'jsonata'
import type { Bench } from './bench.ts'
import { interleave, type Subject } from './measure.ts'
import { vendorTicket } from './programs/vendor-ticket.ts'
import { row } from './report.ts'

type Json = Record<string, unknown>

const statuses: Readonly<Record<string, string>> = { 1: 'new', 2: 'open', 3: 'pending', 4: 'resolved', 5: 'closed' }
const priorities: Readonly<Record<string, string>> = { P1: 'critical', P2: 'high', P3: 'medium', P4: 'low' }

/** Ten fields of the model: two tables, a date, find by id, a filtered child list. */
const spec: MappingSpec = {
  fields: {
    id: { from: 'id', text: true },
    key: 'ref',
    title: 'summary',
    url: 'links.web',
    status: { from: 'state.code', table: statuses, default: 'open' },
    priority: { from: 'prio', table: priorities },
    requester: { object: { username: 'author.login', email: 'author.mail' } },
    createdAt: { from: 'created', date: { unit: 's' } },
    team: { object: { id: "properties[?id == 'team'].value | [0]" } },
    related: {
      list: { from: "children[?kind == 'task']", each: { object: { id: { from: 'id', text: true }, title: 'title' } } },
    },
  },
}

const jsonataText = `{
  "id": $string(id), "key": ref, "title": summary, "url": links.web,
  "status": $lookup(${JSON.stringify(statuses)}, $string(state.code)),
  "priority": $lookup(${JSON.stringify(priorities)}, prio),
  "requester": { "username": author.login, "email": author.mail },
  "createdAt": $fromMillis(created * 1000),
  "team": { "id": properties[id = "team"].value },
  "related": [children[kind = "task"].{ "id": $string(id), "title": title }]
}`

/** JMESPath has no tables and no dates: what it cannot do is left out here and put in by hand. */
const jmespathText = `{
  id: to_string(id), key: ref, title: summary, url: links.web, status: state.code, priority: prio,
  requester: { username: author.login, email: author.mail }, createdAt: created,
  team: { id: properties[?id == 'team'].value | [0] },
  related: children[?kind == 'task'].{ id: to_string(id), title: title }
}`

function byJmespath(ticket: typeof vendorTicket): Json {
  const found = search(ticket, jmespathText) as Json
  found.status = statuses[String(found.status)]
  found.priority = priorities[String(found.priority)]
  found.createdAt = new Date(Number(found.createdAt) * 1000).toISOString()
  return found
}

function byHand(ticket: typeof vendorTicket): Json {
  return {
    id: String(ticket.id),
    key: ticket.ref,
    title: ticket.summary,
    url: ticket.links.web,
    status: statuses[ticket.state.code] ?? 'open',
    priority: priorities[ticket.prio],
    requester: { username: ticket.author.login, email: ticket.author.mail },
    createdAt: new Date(ticket.created * 1000).toISOString(),
    team: { id: ticket.properties.find(({ id }) => id === 'team')?.value },
    related: ticket.children.filter(({ kind }) => kind === 'task').map(({ id, title }) => ({ id: String(id), title })),
  }
}

export const bench: Bench = {
  description: 'A ticket of 1.6 kB to a model of ten fields: against hand-written code, jmespath and JSONata',
  async run({ rounds = 7, log }) {
    const text = JSON.stringify(vendorTicket)
    // Parsed as an answer would be, and many of them, so that no call sees the same object twice in a row.
    const tickets = Array.from({ length: 500 }, () => JSON.parse(text) as typeof vendorTicket)
    const mapping = compileMapping(spec, { target: models.ticket })
    const expression = jsonata(jsonataText)
    const wanted = byHand(vendorTicket)
    const loop = (name: string, operations: number, work: (ticket: typeof vendorTicket) => unknown): Subject => ({
      name,
      operations,
      run: async (total) => {
        for (let index = 0; index < total; index++) work(tickets[index % tickets.length] as typeof vendorTicket)
      },
    })
    const subjects: readonly Subject[] = [
      loop('mapping', 200_000, (ticket) => mapping.map(ticket)),
      loop('mapping with loss', 20_000, (ticket) => mapping.apply(ticket)),
      loop('hand-written', 400_000, byHand),
      loop('jmespath', 10_000, byJmespath),
      {
        name: 'jsonata',
        operations: 2_000,
        run: async (total) => {
          for (let index = 0; index < total; index++) await expression.evaluate(tickets[index % tickets.length])
        },
      },
      loop('JSON.parse', 100_000, () => JSON.parse(text) as unknown),
    ]
    const results: readonly (readonly [string, unknown])[] = [
      ['mapping', mapping.map(vendorTicket)],
      ['jmespath', byJmespath(vendorTicket)],
      ['jsonata', JSON.parse(JSON.stringify(await expression.evaluate(vendorTicket)))],
    ]
    for (const [name, result] of results) {
      if (!isDeepStrictEqual(result, wanted)) throw new Error(`${name} gives another result: ${JSON.stringify(result)}`)
    }
    const measured = await interleave(subjects, rounds, log)
    const of = (name: string): (typeof measured)[number] => {
      const found = measured.find((one) => one.name === name)
      if (found === undefined) throw new Error(`${name} was not measured`)
      return found
    }
    const ticketsPerCpuSecond = 1_000_000 / of('mapping').cpuMicroseconds
    const mine = { name: 'mapping', value: 1 }
    return [
      row({ name: 'size of the ticket', value: text.length, unit: 'bytes' }),
      row({ name: 'mapping', value: ticketsPerCpuSecond, unit: 'tickets/CPU s', atLeast: 400_000 }),
      row({ name: 'JSONata, CPU', value: of('jsonata').cpuRatio, unit: 'x', against: mine, atLeast: 50 }),
      row({ name: 'jmespath 0.16, CPU', value: of('jmespath').cpuRatio, unit: 'x', against: mine }),
      row({ name: 'hand-written, CPU', value: of('hand-written').cpuRatio, unit: 'x', against: mine }),
      row({ name: 'JSON.parse of the ticket, CPU', value: of('JSON.parse').cpuRatio, unit: 'x', against: mine }),
      row({ name: 'mapping with loss, CPU', value: of('mapping with loss').cpuRatio, unit: 'x', against: mine }),
    ]
  },
}
