import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { BodyCollector, decoded } from './dispatch-collect.ts'
import { BodyStream } from './dispatch-stream.ts'

const byte = (value: number): Uint8Array => Uint8Array.of(value % 256)

it('joins very many small chunks on the way, in order', () => {
  const collector = new BodyCollector()
  const expected = Uint8Array.from({ length: 5000 }, (_, index) => index % 256)
  for (let index = 0; index < 5000; index++) collector.push(byte(index), 10_000)
  expect(Buffer.compare(collector.take(), expected)).toBe(0)
})

it('gives a single chunk as it is, and counts all of them', () => {
  const one = new BodyCollector()
  const chunk = Buffer.alloc(10)
  one.push(chunk, 10)
  expect(one.take()).toBe(chunk)
  expect(new BodyCollector().take()).toHaveLength(0)
  const two = new BodyCollector()
  two.push(chunk, 15)
  expect(() => two.push(chunk, 15)).toThrow('larger than 15 bytes')
})

it('describes the decoded body, and leaves empty and plain ones alone', async () => {
  const headers = { 'content-encoding': 'gzip', 'content-length': '30', 'x-a': 'b' }
  expect(decoded({ ...headers }, new Uint8Array(0), 10)).toHaveLength(0)
  const plain = { 'content-encoding': 'identity', 'content-length': '1' }
  expect(decoded(plain, byte(1), 10)).toEqual(byte(1))
  expect(plain).toHaveProperty('content-length')
  expect(await decoded(headers, gzipSync('hello'), 10)).toEqual(Buffer.from('hello'))
  expect(headers).toEqual({ 'x-a': 'b' })
})

it('pauses for many chunks as for many bytes, and goes on when they are read', async () => {
  const calls: string[] = []
  const stream = new BodyStream({
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
    leave: () => calls.push('leave'),
  })
  for (let index = 0; index < 1024; index++) stream.push(byte(index), undefined)
  expect([calls, stream.paused]).toEqual([['pause'], true])
  for (let index = 0; index < 600; index++) await stream.next()
  expect([calls, stream.paused]).toEqual([['pause', 'resume'], false])
  stream.push(Buffer.alloc(600_000), undefined)
  expect(stream.paused).toBe(true)
  await stream.return()
  await stream.return()
  expect(calls).toEqual(['pause', 'resume', 'pause', 'leave'])
  expect(await stream.next()).toEqual({ done: true, value: undefined })
})
