import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, isPatchbayError } from '@patchbay/core'
import { leakCheck } from '@patchbay/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rest } from '../connectors/rest/index.ts'
import type { APIAnswer } from '../request/index.ts'
import { type DownloadOptions, download } from './download.ts'
import { fileSource } from './file-source.ts'
import { type FileServer, fileServer } from './fixtures/file-server.ts'
import { upload } from './upload.ts'

const content = randomBytes(700_000)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
let server: FileServer
let folder: string
let to: string
beforeEach(async () => {
  server = await fileServer(content)
  folder = await mkdtemp(join(tmpdir(), 'patchbay-transfer-'))
  to = join(folder, 'file.bin')
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

function open() {
  return connect(rest, {
    config: { url: server.url },
    network: { allow: [{ host: '127.0.0.1' }] },
    policies: { retry: false, breaker: false },
    // Waits between two attempts take no time that a test would have to wait.
    random: { next: () => 0, bytes: (length) => new Uint8Array(length), uuid: () => 'u' },
  })
}

type Connection = ReturnType<typeof open>

const fetching = (connection: Connection, more: Partial<DownloadOptions> = {}) =>
  download(connection, {
    open: (part, call) => connection.resource.get({ path: '/file', expect: 'stream', ...part }, call),
    to,
    ...more,
  })

describe('download', () => {
  it('makes the file, checked, and leaves nothing beside it', async () => {
    await using connection = open()
    const progress: number[] = []
    const checksum = { algorithm: 'sha256', value: sha256(content) }
    const done = await fetching(connection, { checksum, onProgress: ({ bytes }) => progress.push(bytes) })
    expect(done).toMatchObject({ bytes: content.byteLength, etag: expect.stringMatching(/^"/) })
    expect(sha256(await readFile(to))).toBe(sha256(content))
    expect(await readdir(folder)).toEqual(['file.bin'])
    expect(progress.at(-1)).toBe(content.byteLength)
  })

  it('goes on behind a break, by Range and If-Range', async () => {
    server.breaks.push(300_000)
    await using connection = open()
    const found = (answer: { readonly headers: Readonly<Record<string, unknown>> }) => ({
      algorithm: 'sha256',
      value: String(answer.headers['x-sha256']),
    })
    await fetching(connection, { checksum: found })
    expect(sha256(await readFile(to))).toBe(sha256(content))
    expect(server.asked).toHaveLength(2)
    const from = Number(/bytes=(\d+)-$/.exec(server.asked[1] ?? '')?.[1])
    expect(from).toBeGreaterThan(0)
    expect(server.given).toEqual([content.byteLength, content.byteLength - from])
  })

  it('goes on in a later run, and begins anew when the file changed', async () => {
    await using connection = open()
    for (const changed of [false, true]) {
      server.breaks.push(300_000)
      const failed = await fetching(connection, { failures: 0 }).catch((error: unknown) => error)
      expect(failed).toSatisfy(isPatchbayError)
      expect((await stat(`${to}.part`)).size).toBeGreaterThan(0)
      if (changed) server.content = randomBytes(500_000)
      await fetching(connection)
      expect(sha256(await readFile(to))).toBe(sha256(server.content))
    }
    expect(server.asked.map((range) => range !== undefined)).toEqual([false, true, false, true])
  })

  it('begins anew where the vendor has no strong ETag', async () => {
    server.weak = true
    server.breaks.push(300_000)
    await using connection = open()
    await fetching(connection)
    expect(server.asked).toEqual([undefined, undefined])
    expect(sha256(await readFile(to))).toBe(sha256(content))
  })

  it('never puts the parts of two files together, whatever ETags come and go', async () => {
    await using connection = open()
    for (const [weak, other] of [
      [false, content],
      [true, randomBytes(700_000)],
    ] as const) {
      Object.assign(server, { weak, content: other })
      server.breaks.push(300_000)
      await fetching(connection, { failures: 0 }).catch(() => undefined)
    }
    Object.assign(server, { weak: false, content })
    await fetching(connection)
    expect(sha256(await readFile(to))).toBe(sha256(content))
  })

  it('begins anew where what is there is longer than the file', async () => {
    await using connection = open()
    server.breaks.push(300_000)
    await fetching(connection, { failures: 0 }).catch(() => undefined)
    await writeFile(`${to}.part`, Buffer.alloc(content.byteLength + 1))
    await fetching(connection)
    expect(sha256(await readFile(to))).toBe(sha256(content))
  })

  it('makes no file of a wrong checksum', async () => {
    await using connection = open()
    const wrong = fetching(connection, { checksum: { algorithm: 'sha256', value: sha256(Buffer.from('other')) } })
    await expect(wrong).rejects.toMatchObject({ kind: 'protocol', code: 'checksum' })
    expect(await readdir(folder)).toEqual([])
  })

  it('ends with its signal and leaves no socket', async () => {
    const leaks = leakCheck({ withinMs: 2000 })
    const connection = open()
    const controller = new AbortController()
    const reason = new Error('enough')
    const work = fetching(connection, { signal: controller.signal, onProgress: () => controller.abort(reason) })
    await expect(work).rejects.toBe(reason)
    await connection.$close()
    await leaks.verify()
  })
})

describe('upload', () => {
  const size = 200_000
  const sending = async (connection: Connection) => {
    const file = join(folder, 'source.bin')
    await writeFile(file, content)
    const received = ({ status, headers }: APIAnswer<unknown>): number =>
      status === 308 ? Number(/-(\d+)$/.exec(String(headers.range ?? ''))?.[1] ?? -1) + 1 : content.byteLength
    return upload(connection, {
      source: await fileSource(file),
      partSize: size,
      send: ({ request }, call) => connection.request.apply({ path: '/upload', accept: [308], ...request }, call),
      received,
      ask: async (call) => {
        const headers = { 'content-range': `bytes */${content.byteLength}` }
        return received(await connection.request.apply({ path: '/upload', accept: [308], headers }, call))
      },
    })
  }

  it('sends parts of a file with their place', async () => {
    await using connection = open()
    const answer = await sending(connection)
    expect(answer?.value).toEqual({ id: 'file-1' })
    expect(sha256(Buffer.concat(server.received))).toBe(sha256(content))
    expect(server.parts.slice(0, 3)).toEqual(['bytes */700000', 'bytes 0-199999/700000', 'bytes 200000-399999/700000'])
  })

  it('goes on behind what the vendor has after a break, and in a later run', async () => {
    await using connection = open()
    server.breaks.push(50_000)
    await sending(connection)
    const places = ['*', '0-199999', '*', '50000-249999'].map((place) => `bytes ${place}/700000`)
    expect(server.parts.slice(0, 4)).toEqual(places)
    expect(sha256(Buffer.concat(server.received))).toBe(sha256(content))
    expect(await sending(connection)).toBeUndefined()
    server.received.length = 0
    server.received.push(content.subarray(0, 600_000))
    await sending(connection)
    expect(sha256(Buffer.concat(server.received))).toBe(sha256(content))
  })

  it('gives up on a vendor that takes nothing', async () => {
    await using connection = open()
    const source = {
      size: 10,
      open: async function* () {
        yield Buffer.alloc(10)
      },
    }
    const stuck = upload(connection, { source, send: async () => 0, received: (answer) => answer, failures: 1 })
    await expect(stuck).rejects.toMatchObject({ kind: 'protocol', code: 'upload-offset' })
    const lying = upload(connection, { source, send: async () => 0, received: () => 11 })
    await expect(lying).rejects.toMatchObject({ kind: 'protocol', code: 'upload-offset' })
  })
})
