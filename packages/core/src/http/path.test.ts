import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fault } from '../errors.ts'
import { joinUrl, linkedUrl, parseBaseUrl } from './base-url.ts'
import { path, segments } from './path.ts'
import { queryString } from './url-query.ts'

function facts(work: () => unknown) {
  try {
    work()
  } catch (error) {
    if (error instanceof Fault) return { kind: error.facts.kind, message: error.message }
    throw error
  }
  throw new Error('nothing was thrown')
}

const base = parseBaseUrl('https://api.example.com/v1/')

describe('path', () => {
  it('encodes each value into one segment', () => {
    expect(path`/repos/${'a b'}/issues/${12}`).toBe('/repos/a%20b/issues/12')
    expect(path`/x/${'a/b?c#d%2e\\'}.json`).toBe('/x/a%2Fb%3Fc%23d%252e%5C.json')
    expect(path`/x/${"!'()*é😀"}`).toBe('/x/%21%27%28%29%2A%C3%A9%F0%9F%98%80')
    expect(path`/x/${true}/${10n}/${-1.5}`).toBe('/x/true/10/-1.5')
    expect(path`/x/${'...'}/${'.a'}/${'a../b'}`).toBe('/x/.../.a/a..%2Fb')
  })

  it.each(['', '.', '..', '../x', 'a/../b', 'a\\..', './x', '\ud800', 'a\udc00b'])('refuses %j', (value) => {
    const { kind, message } = facts(() => path`/x/${value}`)
    expect(kind).toBe('invalid-input')
    expect(message).toContain('value 1 of the path /x/{}')
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, null, {}, []])('refuses %j', (value) => {
    expect(facts(() => path`/x/${value as never}`).kind).toBe('invalid-input')
  })

  it('encodes file paths segment by segment', () => {
    expect(path`/contents/${segments('/docs/a b.md')}`).toBe('/contents/docs/a%20b.md')
    for (const bad of ['', 'a//b', '../a', 'a/../b', 'a/.', '/']) {
      expect(facts(() => segments(bad)).kind).toBe('invalid-input')
    }
  })

  it('stays one segment under any value, as URL parsers see it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (value) => {
        if (/(?:^|[/\\])\.{1,2}(?:[/\\]|$)/.test(value) || !value.isWellFormed()) return
        const url = new URL(joinUrl(base, path`/items/${value}/end`, ''))
        const parts = url.pathname.split('/')
        expect(parts.length).toBe(5)
        expect(decodeURIComponent(parts[3] as string)).toBe(value)
      }),
    )
  })
})

describe('joinUrl', () => {
  it('appends to the prefix', () => {
    expect(joinUrl(base, '/a', '')).toBe('https://api.example.com/v1/a')
    expect(joinUrl(base, '', 'b=1')).toBe('https://api.example.com/v1?b=1')
  })

  const leaving = [
    '//evil.example',
    'evil.example/a',
    '@evil.example',
    '.evil.example',
    ':8080/a',
    'https://evil.example',
    '/../a',
    '/a/..',
    '/a/%2e%2E/b',
    '/a/.%2e/b',
    '/a/./b',
    '/a\\..\\b',
    '/\\evil.example',
    '/\t/evil.example',
    '/a?b=c',
    '/a#b',
    '/a b',
    '/a\nb',
    '/a\u0000',
  ]
  it.each(leaving)('refuses %j', (text) => {
    expect(facts(() => joinUrl(base, text, '')).kind).toBe('invalid-input')
  })

  it('never leaves origin and prefix, whatever the path', () => {
    const piece = fc.constantFrom(
      '/',
      '//',
      '.',
      '..',
      '%2e',
      '%2E',
      '\\',
      '@',
      ':',
      'a',
      '\t',
      '\n',
      ' ',
      '?',
      '#',
      'é',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        let url: URL
        try {
          url = new URL(joinUrl(base, pieces.join(''), ''))
        } catch (error) {
          if (error instanceof Fault) return
          throw error
        }
        expect(url.origin).toBe('https://api.example.com')
        expect(url.pathname === '/v1' || url.pathname.startsWith('/v1/')).toBe(true)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('linkedUrl', () => {
  it('follows links under the base', () => {
    expect(linkedUrl(base, 'https://api.example.com/v1/a?page=2#x')).toBe('https://api.example.com/v1/a?page=2')
    expect(linkedUrl(base, 'https://API.example.com:443/v1')).toBe('https://api.example.com/v1')
  })

  const leaving = [
    'https://evil.example/v1/a',
    'http://api.example.com/v1/a',
    'https://api.example.com:8443/v1/a',
    'https://api.example.com/v2/a',
    'https://api.example.com/v1evil',
    'https://api.example.com/v1/../v2',
    'https://user:pw@api.example.com/v1/a',
    '//evil.example/v1',
    'https://api.example.com/v1/..%2fadmin',
    'https://api.example.com/v1/a/%2e%2E%5Cadmin',
    'https://api.example.com/v1/a%2f..',
    'javascript:alert(1)',
    'https://',
  ]
  it.each(leaving)('refuses %j as protocol', (link) => {
    expect(facts(() => linkedUrl(base, link)).kind).toBe('protocol')
  })
})

describe('parseBaseUrl', () => {
  it('takes no time that grows with the square of slashes', () => {
    const begun = performance.now()
    const path = `${'/'.repeat(300_000)}a`
    expect(parseBaseUrl(`https://a${path}///`).prefix).toBe(path)
    expect(performance.now() - begun).toBeLessThan(1_000)
  })

  it.each(['', 'api.example.com', 'ftp://a', 'https://u:p@a/', 'https://a/?b', 'https://a/#b', 'file:///etc'])(
    'refuses %j as config',
    (text) => {
      const { kind, message } = facts(() => parseBaseUrl(text))
      expect(kind).toBe('config')
      expect(message).not.toContain('u:p')
    },
  )
})

describe('queryString', () => {
  it('skips what is undefined and encodes the rest', () => {
    expect(queryString({ a: undefined, b: null as never })).toBe('')
    const date = new Date('2026-01-02T03:04:05Z')
    expect(queryString({ q: 'a&b=c d', n: 1, t: true, u: undefined, i: 5n, at: date })).toBe(
      'q=a%26b%3Dc%20d&n=1&t=true&i=5&at=2026-01-02T03%3A04%3A05.000Z',
    )
    expect(queryString({ 'filter[name]': 'x', $top: 5, 'ä b': 1 })).toBe('filter[name]=x&$top=5&%C3%A4%20b=1')
  })

  it('writes arrays in the declared style', () => {
    const ids = ['1', '2,3']
    expect(queryString({ ids })).toBe('ids=1&ids=2%2C3')
    expect(queryString({ ids }, 'comma')).toBe('ids=1,2%2C3')
    expect(queryString({ ids }, 'space')).toBe('ids=1%202%2C3')
    expect(queryString({ ids }, 'pipe')).toBe('ids=1%7C2%2C3')
    expect(queryString({ ids }, 'bracket')).toBe('ids[]=1&ids[]=2%2C3')
    expect(queryString({ ids }, 'index')).toBe('ids[0]=1&ids[1]=2%2C3')
    expect(queryString({ ids, tags: ids }, { ids: 'comma', '*': 'bracket' })).toBe('ids=1,2%2C3&tags[]=1&tags[]=2%2C3')
    expect(queryString({ ids: [], a: 1 })).toBe('a=1')
  })

  it.each([Number.NaN, '\ud800', new Date(Number.NaN), {}, ['\ud800']])('refuses %j and names the key', (value) => {
    const { kind, message } = facts(() => queryString({ since: value as never }))
    expect(kind).toBe('invalid-input')
    expect(message).toContain('since')
  })

  it('gives back every text that URLSearchParams reads', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' })), (query) => {
        const expected = Object.entries(query).filter(([key, value]) => key.isWellFormed() && value.isWellFormed())
        const text = queryString(Object.fromEntries(expected))
        expect(new Map(new URLSearchParams(text))).toEqual(new Map(expected))
      }),
    )
  })
})
