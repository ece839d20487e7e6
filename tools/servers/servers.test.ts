import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'
import { describeWithServer } from './suite.ts'

/** Sends bytes and returns the first answer. */
async function ask(port: number, bytes: Buffer): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1')
  socket.end(bytes)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return answer
}

async function refused(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return new Promise((resolve) => {
    socket.on('connect', () => resolve(false)).on('error', () => resolve(true))
  }).then((answer) => {
    socket.destroy()
    return answer as boolean
  })
}

await describeWithServer('Redis', startRedis, (server) => {
  test('answers in its protocol', async () => {
    expect((await ask(server.port, Buffer.from('PING\r\n'))).toString()).toBe('+PONG\r\n')
  })
})

await describeWithServer('PostgreSQL', startPostgres, (server) => {
  test('answers in its protocol', async () => {
    // SSLRequest of the frontend/backend protocol: a server without TLS answers one `N`.
    expect((await ask(server.port, Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]))).toString()).toBe('N')
  })

  test('ends when the process that started it is killed', async () => {
    const script = `const { startPostgres } = await import(${JSON.stringify(import.meta.resolve('./postgres.ts'))})
      console.log((await startPostgres()).port); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const port = Number(line.toString())
    expect(await refused(port)).toBe(false)
    child.kill('SIGKILL')
    await expect.poll(() => refused(port), { timeout: 10_000 }).toBe(true)
  })
})
