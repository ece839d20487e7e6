import { expect, test } from 'vitest'
import { faultServer } from './fault-server.ts'

test('answers over the wire by the lines of a script, and says which line is the closest', async () => {
  await using server = await faultServer({
    answer: {
      'GET /items/{id}': ({ params, headers }) => ({ json: { id: params.id, asked: headers['x-asked'] } }),
      'POST /items': [
        { status: 201, headers: { location: '/items/8' } },
        { status: 409, text: 'exists' },
      ],
    },
  })
  const read = await fetch(`${server.origin}/items/7`, { headers: { 'x-asked': 'yes' } })
  expect([read.status, await read.json()]).toEqual([200, { id: '7', asked: 'yes' }])
  const made = await fetch(`${server.origin}/items`, { method: 'POST', body: '{}' })
  expect([made.status, made.headers.get('location')]).toEqual([201, '/items/8'])
  expect((await fetch(`${server.origin}/items`, { method: 'POST' })).status).toBe(409)
  const strange = await fetch(`${server.origin}/itms/7`)
  expect([strange.status, await strange.text()]).toEqual([
    501,
    'no answer is scripted for GET /itms/7; the closest is GET /items/{id}',
  ])
  server.next('status-503')
  expect((await fetch(`${server.origin}/items/7`)).status).toBe(503)
})
