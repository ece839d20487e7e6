import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { connect } from '../connection.ts'
import { defineConnector } from '../connector.ts'
import { operation } from '../operation.ts'
import { unchecked } from '../schema.ts'
import type { ClientRequest, HttpClient, Reply } from './client-request.ts'
import { httpClient } from './http-client.ts'

let answer: (response: ServerResponse) => void
const server = createServer((_request, response) => answer(response))
let origin = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const connector = defineConnector({
  contract: 1,
  manifest: { id: 'test/errors', title: 'Errors', summary: 'Errors.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [],
  operations: {
    'request.send': operation(
      { name: 'request.send', effect: 'read', input: unchecked<ClientRequest>(), output: unchecked<Reply>() },
      (client: HttpClient, input, call) => client.send(input, call),
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})

function open(attemptMs = 10_000) {
  const policies = { retry: false, breaker: false, attemptTimeout: { timeoutMs: attemptMs } } as const
  return connect(connector, { config: { url: origin }, network: { allow: [{ host: '127.0.0.1' }] }, policies })
}

const mebibyte = Buffer.alloc(1024 * 1024, 'x')

describe('an error with a large body', () => {
  it.each(['with', 'without'])(
    'is the error, %s a declared length, and most of the body is not read',
    async (length) => {
      let written = 0
      const cut = new Promise<void>((resolve) => {
        answer = (response) => {
          response.on('close', resolve)
          response.writeHead(503, length === 'with' ? { 'content-length': 64 * mebibyte.byteLength } : {})
          const more = (): void => {
            while (written < 64 && !response.destroyed) {
              written++
              if (!response.write(mebibyte)) {
                response.once('drain', more)
                return
              }
            }
          }
          more()
        }
      })
      await using connection = open()
      await expect(connection.request.send({})).rejects.toMatchObject({ kind: 'unavailable', status: 503 })
      await cut
      expect(written).toBeLessThan(32)
    },
  )

  it('is the error also where the body is a bomb or no gzip at all', async () => {
    await using connection = open()
    for (const body of [gzipSync(Buffer.alloc(8 * 1024 * 1024)), Buffer.from('no gzip')]) {
      answer = (response) => response.writeHead(429, { 'content-encoding': 'gzip' }).end(body)
      await expect(connection.request.send({})).rejects.toMatchObject({ kind: 'rate-limited', status: 429 })
    }
  })

  it('is an answer where the operation accepts its status', async () => {
    answer = (response) => response.writeHead(404).end(mebibyte)
    await using connection = open()
    const { value } = await connection.request.send({ accept: [404], expect: 'bytes' })
    expect((value as Uint8Array).byteLength).toBe(mebibyte.byteLength)
  })
})

it('a streamed body may take longer than an attempt; its head may not', async () => {
  answer = (response) => {
    response.writeHead(200).write('first')
    setTimeout(() => response.end(' last'), 250)
  }
  await using connection = open(100)
  const { value } = await connection.request.send({ expect: 'stream' })
  const parts: Uint8Array[] = []
  for await (const part of value as AsyncIterable<Uint8Array>) parts.push(part)
  expect(Buffer.concat(parts).toString()).toBe('first last')
  answer = (response) => void setTimeout(() => response.end('late'), 250)
  await expect(connection.request.send({ expect: 'stream' })).rejects.toMatchObject({ kind: 'timeout' })
})
