import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { systemClock } from '../../../clock.ts'

// Listens with the smallest backlog and then blocks its thread for good, so that nobody ever accepts.
const blockedListener = `
const { parentPort } = require('node:worker_threads')
const server = require('node:net').createServer()
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port)
  setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
})`

const mostFillers = 16
const connectedWithinMs = 40

/** A port whose backlog is full: the system drops further SYNs, so connecting neither succeeds nor fails. */
export interface Unconnectable {
  readonly port: number
  close(): Promise<void>
}

export async function unconnectable(): Promise<Unconnectable> {
  const worker = new Worker(blockedListener, { eval: true })
  const fillers: Socket[] = []
  const close = async (): Promise<void> => {
    for (const filler of fillers) filler.destroy()
    await worker.terminate()
  }
  try {
    const port = await new Promise<number>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
    for (let count = 0; count < mostFillers; count++) {
      const filler = connect(port, '127.0.0.1')
      fillers.push(filler)
      if (!(await connects(filler))) return { port, close }
    }
    throw new Error('the system accepts connections beyond the backlog: no unconnectable port to be had here')
  } catch (error) {
    await close()
    throw error
  }
}

/** In real time: the backlog is the system's. */
function connects(socket: Socket): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const stop = systemClock.timer(connectedWithinMs, () => resolve(false))
    socket.on('error', (error) => {
      stop()
      reject(error)
    })
    socket.once('connect', () => {
      stop()
      resolve(true)
    })
  })
}
