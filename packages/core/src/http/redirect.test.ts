import { describe, expect, it } from 'vitest'
import type { Fault } from '../errors.ts'
import { nextHop, type RedirectQuestion, shownUrl } from './redirect.ts'

const base: RedirectQuestion = {
  url: new URL('https://api.example/v1/a?x=1'),
  method: 'GET',
  status: 302,
  location: '/v1/b',
  hops: 0,
  maxHops: 5,
  allowedOrigins: [],
  marks: undefined,
  streamedBody: false,
}
const codeOf = (question: Partial<RedirectQuestion>): string | undefined => {
  try {
    nextHop({ ...base, ...question })
    return undefined
  } catch (error) {
    const { kind, retry, sent, code } = (error as Fault).facts
    expect([kind, retry, sent]).toEqual(['protocol', 'never', 'all'])
    return code
  }
}

describe('nextHop', () => {
  it.each([
    [301, 'POST', 'GET', true],
    [302, 'POST', 'GET', true],
    [303, 'POST', 'GET', true],
    [303, 'PUT', 'GET', true],
    [303, 'HEAD', 'HEAD', false],
    [302, 'PUT', 'PUT', false],
    [301, 'DELETE', 'DELETE', false],
    [307, 'POST', 'POST', false],
    [308, 'POST', 'POST', false],
    [302, 'GET', 'GET', false],
  ])('%i after %s is %s', (status, method, expected, dropBody) => {
    expect(nextHop({ ...base, status, method })).toMatchObject({ method: expected, dropBody, leavesOrigin: false })
  })

  it('resolves relative locations and drops the fragment', () => {
    expect(nextHop({ ...base, location: '../c?y=2#part' }).url.href).toBe('https://api.example/c?y=2')
  })

  it.each([
    ['another origin', { location: 'https://evil.example/' }, 'redirect-origin'],
    ['a protocol-relative origin', { location: '//evil.example/' }, 'redirect-origin'],
    ['another port', { location: 'https://api.example:8443/' }, 'redirect-origin'],
    ['http', { location: 'http://api.example/', allowedOrigins: ['http://api.example'] }, 'redirect-insecure'],
    ['another scheme', { location: 'file:///etc/passwd' }, 'redirect-invalid'],
    ['nonsense', { location: 'https://' }, 'redirect-invalid'],
    ['user information', { location: 'https://u:p@api.example/' }, 'redirect-invalid'],
    ['a sixth hop', { hops: 5 }, 'redirect-loop'],
    ['any hop when off', { maxHops: 0 }, 'redirect-refused'],
    ['a streamed body', { status: 307, method: 'POST', streamedBody: true }, 'redirect-body'],
  ])('refuses %s', (_, question, code) => {
    expect(codeOf(question)).toBe(code)
  })

  it('drops the credential from the query of another origin, and leaves the rest as it is spelled', () => {
    const next = nextHop({
      ...base,
      location: 'https://files.example/x?sig=a%2Fb~c&api%5Fkey=s3cret&api_key=s3cret&z=%20',
      allowedOrigins: ['https://files.example'],
      marks: { headers: [], query: ['api_key'] },
    })
    expect(next.url.href).toBe('https://files.example/x?sig=a%2Fb~c&z=%20')
    expect(next.leavesOrigin).toBe(true)
  })
})

it('shows URLs without the credential', () => {
  const marks = { headers: [], query: ['key'] }
  expect(shownUrl(new URL('https://a.example/x?key=s3cret&b=%20#f'), marks)).toBe('https://a.example/x?b=%20')
  expect(shownUrl(new URL('https://a.example/x?b=1'), undefined)).toBe('https://a.example/x?b=1')
})
