// A vendor that sends `?count=` records of about 190 bytes as one JSON document. Tells its port.
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const block = 10_000

function record(id: number): string {
  return JSON.stringify({
    id,
    key: `ISSUE-${id}`,
    title: `Something is wrong with part ${id % 977}`,
    state: id % 3 === 0 ? 'closed' : 'open',
    labels: ['bug', `team-${id % 11}`],
    author: { id: id % 501, login: `user${id % 501}` },
    updatedAt: new Date(1_767_225_600_000 + id * 1000).toISOString(),
    score: (id % 100) / 4,
  })
}

// One block is made once and sent again and again: what is measured is the reader.
const records = Buffer.from(Array.from({ length: block }, (_, index) => record(index)).join(','))

async function send(response: ServerResponse, count: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.write('{"meta":{"total":"many"},"data":{"records":[')
  for (let sent = 0; sent < count; sent += block) {
    if (sent > 0) response.write(',')
    if (!response.write(records)) await once(response, 'drain')
  }
  response.end(']},"next":null}')
}

const server = createServer((request, response) => {
  const count = Number(new URL(request.url ?? '', 'http://localhost').searchParams.get('count'))
  void send(response, count)
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit())
