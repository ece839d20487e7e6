import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { gone } from './exchange.ts'
import { RequestReader, type WireRequest } from './request-reader.ts'

/** One accepted connection. */
export interface Connection {
  /** Unique in the server, from 1. */
  readonly id: number
  readonly origin: string
  readonly tcp: Socket
  /** What carries HTTP: `tcp` itself, or TLS over it. */
  socket: Socket
  requests: number
  bytesIn: number
  bytesOut: number
}

export interface ListenerOptions {
  readonly tls?: TlsOptions | undefined
  /** Accepts and never reads: TLS that does not shake hands. */
  readonly deaf?: boolean | undefined
  readonly nextId: () => number
  readonly opened: (connection: Connection) => void
  readonly received: (connection: Connection, bytes: number) => void
  readonly answer: (connection: Connection, request: WireRequest) => Promise<void>
}

/** A listening socket on 127.0.0.1 that takes requests apart itself, so that every byte of the answer is in the hands of a fault. */
export class Listener {
  readonly origin: string
  readonly port: number
  readonly #server: Server

  private constructor(server: Server, origin: string, port: number) {
    this.#server = server
    this.origin = origin
    this.port = port
  }

  static async open(options: ListenerOptions): Promise<Listener> {
    const secure = options.tls === undefined ? undefined : createTlsServer(options.tls)
    const handshaking = new Map<number | undefined, Connection>()
    let origin = ''
    const server = createServer({ noDelay: true }, (tcp) => {
      const connection = { id: options.nextId(), origin, tcp, socket: tcp, requests: 0, bytesIn: 0, bytesOut: 0 }
      tcp.on('error', ignore)
      options.opened(connection)
      if (options.deaf === true) tcp.resume()
      else if (secure === undefined) converse(connection, options)
      else {
        const { remotePort } = tcp
        handshaking.set(remotePort, connection)
        tcp.once('close', () => handshaking.delete(remotePort))
        secure.emit('connection', tcp)
      }
    })
    secure?.on('tlsClientError', (_, socket) => socket.destroySoon())
    secure?.on('secureConnection', (socket: TLSSocket) => {
      const connection = handshaking.get(socket.remotePort)
      if (connection === undefined) return void socket.destroy()
      connection.socket = socket
      socket.on('error', ignore)
      converse(connection, options)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', resolve)
    })
    const { port } = server.address() as AddressInfo
    origin = `${secure === undefined && options.deaf !== true ? 'http' : 'https'}://127.0.0.1:${port}`
    return new Listener(server, origin, port)
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}

const ignore = (): void => undefined

/** Answers the requests of one connection in order. */
function converse(connection: Connection, options: ListenerOptions): void {
  const { socket } = connection
  const reader = new RequestReader(() => socket.write('HTTP/1.1 100 Continue\r\n\r\n'))
  let turn = Promise.resolve()
  socket.on('data', (chunk: Buffer) => {
    options.received(connection, chunk.length)
    let requests: WireRequest[]
    try {
      requests = reader.push(chunk)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      socket.end(`HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: ${reason.length}\r\n\r\n${reason}`)
      return
    }
    for (const request of requests) {
      turn = turn
        .then(() => (socket.destroyed ? undefined : options.answer(connection, request)))
        .catch((error) => {
          socket.destroy()
          // A fault that breaks for another reason than a client that left is a mistake in the fault: let the process know.
          if (error !== gone) throw error
        })
    }
  })
}
