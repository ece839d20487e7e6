import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type ServerSentEvent, type StreamNews, serverSentEvents } from './server-sent-events.ts'

async function* pieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0
  for (let turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1)
    yield bytes.subarray(at, at + size)
    at += size
  }
}

async function read(text: string | Uint8Array, sizes: readonly number[] = [1e9], most = 1e6) {
  const news: StreamNews = { retryMs: undefined }
  const events: ServerSentEvent[] = []
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  for await (const event of serverSentEvents(pieces(bytes, sizes), most, news)) events.push(event)
  return { events, news }
}

it('reads names, data of several lines, ids and the wish for a time', async () => {
  const { events, news } = await read(
    '\ufeff: ping\nretry: 1500\nevent: next\nid: 7\ndata: {"a":\ndata:1}\n\ndata\n\nevent: complete\n\ndata: cut',
  )
  expect(events).toEqual([
    { type: 'next', data: '{"a":\n1}', id: '7' },
    { type: 'message', data: '', id: '7' },
    { type: 'complete', data: '', id: '7' },
  ])
  expect(news.retryMs).toBe(1500)
})

it('gives the same whatever the line ends and wherever the chunks are cut', async () => {
  const lines = ['event: next', 'data: ä€😀', 'id: ü', '', ': x', 'data:  two', '', 'event: complete', '', '']
  const expected = (await read(lines.join('\n'))).events
  expect(expected).toHaveLength(3)
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('\n', '\r', '\r\n'),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
      async (end, sizes) => {
        expect((await read(lines.join(end), sizes)).events).toEqual(expected)
      },
    ),
  )
})

it('refuses an event that never ends, and bytes that are no text', async () => {
  await expect(read(`data: ${'x'.repeat(2000)}`, [100], 1000)).rejects.toMatchObject({
    facts: { code: 'event-too-large' },
  })
  await expect(read('data: xxxx\n'.repeat(500), [100], 1000)).rejects.toMatchObject({
    facts: { code: 'event-too-large' },
  })
  await expect(read(Buffer.from([0x64, 0xff, 0xfe]))).rejects.toMatchObject({
    facts: { kind: 'protocol', code: 'charset' },
  })
})
