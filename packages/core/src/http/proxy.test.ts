import { describe, expect, it } from 'vitest'
import { proxyFromEnvironment, proxyResolver } from './proxy.ts'
import { proxyBypass } from './proxy-bypass.ts'

describe('proxyBypass', () => {
  it.each([
    ['*', 'http://anything.example/', true],
    ['example.com', 'https://example.com/', true],
    ['example.com', 'https://api.example.com/', true],
    ['example.com', 'https://notexample.com/', false],
    ['.example.com', 'https://example.com/', true],
    ['*.example.com', 'https://api.example.com/', true],
    ['*.example.com', 'https://example.com/', false],
    ['EXAMPLE.com.', 'https://example.COM./', true],
    ['example.com:8080', 'http://example.com:8080/', true],
    ['example.com:8080', 'http://example.com/', false],
    ['example.com:443', 'https://example.com/', true],
    ['a.example, b.example  c.example', 'http://c.example/', true],
    ['10.0.0.0/8', 'http://10.1.2.3/', true],
    ['10.0.0.0/8', 'http://11.1.2.3/', false],
    ['10.0.0.0/8', 'http://[::ffff:10.1.2.3]/', true],
    ['::ffff:10.0.0.0/104', 'http://10.1.2.3/', true],
    ['127.0.0.1', 'http://2130706433/', true],
    ['0x7f.1', 'http://127.0.0.1/', true],
    ['127.0.0.1:3000', 'http://127.0.0.1:3000/', true],
    ['127.0.0.1:3000', 'http://127.0.0.1:3001/', false],
    ['::1', 'http://[0:0:0:0:0:0:0:1]/', true],
    ['[::1]:8443', 'https://[::1]:8443/', true],
    ['[::1]:8443', 'https://[::1]/', false],
    ['fd00::/8', 'https://[fd12::1]/', true],
    ['*:8080', 'http://x.example:8080/', true],
    ['*:8080', 'http://x.example/', false],
    ['', 'http://example.com/', false],
    [' , ', 'http://example.com/', false],
    ['com', 'http://example.com/', true],
  ])('"%s" and %s: %s', (list, url, expected) => {
    expect(proxyBypass(list)(new URL(url))).toBe(expected)
  })
})

describe('proxyFromEnvironment', () => {
  it('prefers lower case, falls back to all_proxy, and ignores empty values', () => {
    expect(proxyFromEnvironment({})).toBeUndefined()
    expect(proxyFromEnvironment({ NO_PROXY: '*', http_proxy: ' ' })).toBeUndefined()
    expect(
      proxyFromEnvironment({ https_proxy: 'http://low:1', HTTPS_PROXY: 'http://up:1', NO_PROXY: 'a.example' }),
    ).toEqual({ http: undefined, https: 'http://low:1', bypass: 'a.example' })
    expect(proxyFromEnvironment({ ALL_PROXY: 'http://all:1', HTTP_PROXY: 'http://up:1' })).toEqual({
      http: 'http://up:1',
      https: 'http://all:1',
      bypass: undefined,
    })
  })

  it('takes no HTTP_PROXY from a CGI request header', () => {
    expect(proxyFromEnvironment({ REQUEST_METHOD: 'GET', HTTP_PROXY: 'http://evil:1' })).toBeUndefined()
    expect(proxyFromEnvironment({ REQUEST_METHOD: 'GET', http_proxy: 'http://own:1' })?.http).toBe('http://own:1')
  })
})

describe('proxyResolver', () => {
  it('chooses by scheme and bypass list, and decodes credentials', () => {
    const proxyFor = proxyResolver({
      https: 'https://us%40er:p%3Ass%@proxy.example',
      http: 'proxy.example:3128',
      bypass: '10.0.0.0/8',
    })
    expect(proxyFor(new URL('https://api.example/'))).toMatchObject({
      secure: true,
      host: 'proxy.example',
      port: 443,
      authorization: `Basic ${Buffer.from('us@er:p%3Ass%').toString('base64')}`,
    })
    expect(proxyFor(new URL('http://api.example/'))).toMatchObject({ port: 3128, authorization: undefined })
    expect(proxyFor(new URL('http://10.0.0.1/'))).toBeUndefined()
    expect(proxyResolver(undefined)(new URL('http://a/'))).toBeUndefined()
  })

  it('refuses other kinds of proxy without showing their password', () => {
    expect(() => proxyResolver({ http: 'socks5://user:hunter2@proxy:1080' })).toThrow(/^config: proxy\.http: write it/)
    expect(() => proxyResolver({ https: 'http://' })).toThrow('proxy.https')
  })
})
