import { expect, it } from 'vitest'
import { Fault } from '../../errors.ts'
import { readTokenResponse, type TokenResponse } from './token-response.ts'

const refusedWith = (body: object, secrets: readonly string[]): Fault => {
  const response = { status: 400, statusText: '', headers: {}, url: 'https://a.test', stream: undefined }
  const question = { scheme: 'oauth2', host: 'a.test', secrets, tokenTypes: ['bearer'], now: () => 0 }
  let read: TokenResponse
  try {
    read = readTokenResponse({ ...response, body: Buffer.from(JSON.stringify(body)) }, question)
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error(`nothing was refused: ${read.scope}`)
}

it('a refusal shows no secret as its code', () => {
  expect(refusedWith({ error: 'the-client-secret' }, ['the-client-secret']).facts.code).toBe('token-endpoint-400')
  expect(refusedWith({ error: 'bad:the-client-secret' }, ['the-client-secret']).message).not.toContain('secret')
  expect(refusedWith({ error: 'invalid_grant' }, ['the-client-secret']).facts.code).toBe('invalid_grant')
})

it('no rest of a secret is left that begins with another one', () => {
  const error_description = 'no such token tokenABCD-tail-of-the-longer'
  const { message } = refusedWith({ error: 'invalid_grant', error_description }, [
    'tokenABCD',
    'tokenABCD-tail-of-the-longer',
  ])
  expect(message).toContain('("no such token [secret]")')
})
