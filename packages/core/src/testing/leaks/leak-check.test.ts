import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { expect, it } from 'vitest'
import { leakCheck } from './leak-check.ts'

async function pair() {
  const server = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  return { server, socket }
}

it('names sockets, servers and timers that are left', async () => {
  const check = leakCheck()
  const { server, socket } = await pair()
  // Several, since the test runner's own timers come and go meanwhile.
  const timers = Array.from({ length: 5 }, () => setTimeout(() => undefined, 10_000))
  await expect(check.verify(5)).rejects.toThrow(/^left behind: 1 TCPServerWrap, 2 TCPSocketWrap, [3-7] Timeout$/)
  for (const timer of timers) clearTimeout(timer)
  socket.destroy()
  server.close()
  await check.verify()
})

it('waits for sockets that are closing', async () => {
  const check = leakCheck()
  const { server, socket } = await pair()
  socket.end()
  server.close()
  await check.verify()
})

it('names listeners on a signal, and counters', async () => {
  const { signal } = new AbortController()
  let pending = 0
  const check = leakCheck({
    ignore: ['Timeout'],
    signals: [signal],
    counters: { 'fake timers': () => pending },
    withinMs: 5,
  })
  const listen = () => undefined
  signal.addEventListener('abort', listen)
  pending = 2
  await expect(check.verify()).rejects.toThrow('left behind: 1 abort listener on signal 0, 2 fake timers')
  signal.removeEventListener('abort', listen)
  pending = 0
  await check.verify()
})

it('ignores what it is told to, and what was there before or is gone since', async () => {
  const timer = setTimeout(() => undefined, 10_000)
  const check = leakCheck({ ignore: ['Timeout'], withinMs: 5 })
  clearTimeout(timer)
  const other = [setTimeout(() => undefined, 10_000), setTimeout(() => undefined, 10_000)]
  await check.verify()
  for (const each of other) clearTimeout(each)
})
