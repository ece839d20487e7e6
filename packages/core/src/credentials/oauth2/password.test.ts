import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { memoryStore } from '../../stores/memory.ts'
import { fakeClock } from '../../testing/time/fake-clock.ts'
import { getRequest, testEnv } from '../fixtures/credential-env.ts'
import { oauth2Password } from './password.ts'

const clock = fakeClock()
const seen: { form: URLSearchParams; authorization: string | undefined }[] = []
let server: Server
let tokenEndpoint = ''

beforeEach(async () => {
  seen.length = 0
  server = createServer(async (request, response) => {
    const form = new URLSearchParams(await text(request))
    seen.push({ form, authorization: request.headers.authorization })
    const good = form.get('username') === 'ann' && form.get('password') === 'p@ss'
    response.writeHead(good ? 200 : 400, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify(
        good
          ? { access_token: `token-${seen.length}`, token_type: 'bearer', expires_in: 600, refresh_token: 'unused' }
          : { error: 'invalid_grant', error_description: `no ${form.get('password')}` },
      ),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  tokenEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
})
afterEach(() => new Promise((resolve) => server.close(resolve)))

test('asks with the password grant, and again when the token ends', async () => {
  const source = oauth2Password({ tokenEndpoint, username: 'ann', password: 'p@ss', scope: ['a', 'b'] })
  const credential = await source.open(testEnv({ clock, store: memoryStore() }))
  const request = getRequest()
  await credential.apply(request)
  expect(request.headers.authorization).toBe('Bearer token-1')
  expect(Object.fromEntries(seen[0]?.form ?? [])).toEqual({
    grant_type: 'password',
    username: 'ann',
    password: 'p@ss',
    scope: 'a b',
  })
  await clock.advance(600_000)
  await credential.apply(request)
  expect(request.headers.authorization).toBe('Bearer token-2')
  expect(seen[1]?.form.get('grant_type')).toBe('password')
  await credential.close?.()
})

test('the client proves itself besides, where it is named', async () => {
  const source = oauth2Password({
    tokenEndpoint,
    username: 'ann',
    password: 'p@ss',
    clientId: 'app',
    clientSecret: 's',
  })
  await (await source.open(testEnv({ clock }))).apply(getRequest())
  expect(seen[0]?.authorization).toBe(`Basic ${Buffer.from('app:s').toString('base64')}`)
})

test('a refusal does not repeat the password', async () => {
  const source = oauth2Password({ tokenEndpoint, username: 'ann', password: 'wrong-password' })
  const credential = await source.open(testEnv({ clock }))
  const error = await Promise.resolve(credential.apply(getRequest())).catch((thrown: unknown) => thrown)
  expect(inspect(error, { depth: 10 })).not.toContain('wrong-password')
  expect((error as Error).message).toContain('refused a token')
})

test('names the field that is missing', () => {
  expect(() => oauth2Password({ tokenEndpoint, username: '', password: 'x' })).toThrow('username')
  expect(() => oauth2Password({ tokenEndpoint, username: 'a', password: '' })).toThrow('password')
})
