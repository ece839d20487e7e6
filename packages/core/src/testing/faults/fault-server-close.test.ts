import { connect, type Socket } from 'node:net'
import { it } from 'vitest'
import { leakCheck } from '../leaks/leak-check.ts'
import { faultServer } from './server/fault-server.ts'

it('leaves no socket, timer or thread behind, also in the middle of everything', async () => {
  const leaks = leakCheck()
  const own = await faultServer()
  const sockets: Socket[] = []
  for (const id of ['silence', 'body-drip', 'latency-fixed', 'dns-slow', 'connect-blackhole', 'tls-silent']) {
    const { url, lookup } = await own.target(id)
    lookup?.('slow.test', {}, () => undefined)
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(`GET ${new URL(url).pathname} HTTP/1.1\r\nhost: x\r\n\r\n`)
    sockets.push(socket)
  }
  await new Promise((resolve) => setTimeout(resolve, 30))
  await own.close()
  for (const socket of sockets) socket.destroy()
  await leaks.verify()
})
