import { createHmac } from 'node:crypto'
import { connect, type Socket } from 'node:net'

const body = Buffer.from(JSON.stringify({ filler: 'x'.repeat(1024 - 13) }))
const signature = `sha256=${createHmac('sha256', 'bench secret').update(body).digest('hex')}`
const head = `POST /hooks HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nx-github-event: push\r\nx-hub-signature-256: ${signature}\r\nx-github-delivery: `

let deliveries = 0

/**
 * Sends `total` webhooks of 1 kB, each with an id of its own, over `width` keep-alive sockets, one in flight on each. It reads no more of
 * an answer than that it is there and a yes: what is measured is the server.
 */
export async function storm(port: number, width: number, total: number): Promise<void> {
  let left = total
  const lane = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket: Socket = connect(port, '127.0.0.1')
      socket.setNoDelay(true)
      const next = (): void => {
        if (left-- <= 0) {
          socket.destroy()
          resolve()
        } else socket.write(Buffer.concat([Buffer.from(`${head}bench-${deliveries++}\r\n\r\n`, 'latin1'), body]))
      }
      let text = ''
      socket.on('connect', next)
      socket.on('data', (data) => {
        text += data.toString('latin1')
        if (!text.endsWith('\r\n\r\n')) return
        if (!text.startsWith('HTTP/1.1 200')) reject(new Error(`the server said ${text.slice(0, 60)}`))
        text = ''
        next()
      })
      socket.on('error', reject)
    })
  await Promise.all(Array.from({ length: width }, lane))
}
