import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, test } from 'vitest'
import { memoryStore } from '../../stores/memory.ts'
import { BodyChunks } from './body-chunks.ts'
import { webhookInbox } from './inbox.ts'

test('a body of single bytes is held in few objects', () => {
  const chunks = new BodyChunks()
  const bytes = Buffer.alloc(1_000_000, 'abcdefg')
  let most = 0
  for (let at = 0; at < bytes.length; at++) {
    chunks.push(bytes.subarray(at, at + 1))
    most = Math.max(most, chunks.pieces)
  }
  expect(most).toBeLessThan(3_000)
  expect(Buffer.compare(chunks.take(), bytes)).toBe(0)
  expect([chunks.pieces, chunks.size]).toEqual([0, 0])
})

test('chunks of any sizes stay in order', () => {
  const chunks = new BodyChunks()
  const parts = Array.from({ length: 3_000 }, (_, index) => Buffer.alloc((index * 7919) % 1_500, `${index} `))
  for (const part of parts) chunks.push(part)
  expect(Buffer.compare(chunks.take(), Buffer.concat(parts))).toBe(0)
})

test('a stranger who sends a body byte by byte does not fill the memory', async () => {
  const scheme = {
    kind: 'hmac',
    algorithm: 'sha256',
    signed: [{ body: 'raw' }],
    signature: { from: 'header', name: 'x-signature' },
    encoding: 'hex',
  } as const
  const inbox = webhookInbox({ store: memoryStore(), sources: { s: { scheme, secrets: ['secret'] } } })
  const server = createServer(inbox.nodeHandler('s')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  try {
    const before = process.memoryUsage().heapUsed
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')
    const block = Buffer.from('1\r\nx\r\n'.repeat(10_000))
    for (let count = 0; count < 50; count++) if (!socket.write(block)) await once(socket, 'drain')
    socket.write('0\r\n\r\n')
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 401/)
    // Half a million chunks, each an object of its own, would be more than 50 MB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(30_000_000)
  } finally {
    socket.destroy()
    server.close()
  }
})
