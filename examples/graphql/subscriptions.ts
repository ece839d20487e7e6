// A subscription over server-sent events that lives through a server that goes away: `resume` says where to go on, so nothing is lost.
// With `protocol: 'websocket'` the same loop speaks graphql-transport-ws.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { graphql, subscribe } from '@patchbay/api/graphql'
import { connect } from '@patchbay/core'

const total = 12
let connections = 0
const server = createServer(async (request, response) => {
  let text = ''
  for await (const part of request) text += part
  const { variables } = JSON.parse(text) as { variables: { since?: number } }
  connections++
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (let id = (variables.since ?? 0) + 1; id <= total; id++) {
    response.write(`event: next\ndata: ${JSON.stringify({ data: { message: { id, text: `message ${id}` } } })}\n\n`)
    // The connection breaks after every fifth.
    if (id % 5 === 0) {
      setTimeout(() => response.destroy(), 20)
      return
    }
  }
  response.end('event: complete\n\n')
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

await using connection = connect(graphql, {
  config: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` },
  network: { allow: [{ host: '127.0.0.1' }] },
})

interface Messages {
  readonly message: { readonly id: number; readonly text: string }
}
const document = 'subscription Messages($since: Int) { message(since: $since) { id text } }'
const ids: number[] = []
for await (const { data } of subscribe<Messages, { since?: number }>(
  connection,
  document,
  {},
  {
    resume: ({ last, variables }) => (last === undefined ? variables : { since: last.data.message.id }),
    reconnect: { firstDelayMs: 10 },
    onReconnect: ({ attempt, error }) => console.log(`connection ${attempt} after: ${error.message}`),
  },
)) {
  ids.push(data.message.id)
}
console.log('received:', ids.join(' '))
console.log(
  'connections:',
  connections,
  '| lost:',
  total - new Set(ids).size,
  '| twice:',
  ids.length - new Set(ids).size,
)
server.close()
