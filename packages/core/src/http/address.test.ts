import { describe, expect, it } from 'vitest'
import { AddressRanges, normalHost, parseRange, portOf } from './address.ts'

describe('normalHost', () => {
  it.each([
    ['Example.COM.', 'example.com'],
    ['[::1]', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['FE80::1%eth0', 'fe80::1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['[::ffff:a9fe:a9fe]', '169.254.169.254'],
    ['localhost..', 'localhost'],
  ])('%s is %s', (written, expected) => {
    expect(normalHost(written)).toBe(expected)
  })
})

describe('ranges', () => {
  it('reads CIDR, plain and mapped addresses, and nothing else', () => {
    expect(parseRange('10.0.0.0/8')).toEqual({ address: '10.0.0.0', family: 4, prefix: 8 })
    expect(parseRange('fd00::1')).toEqual({ address: 'fd00::1', family: 6, prefix: 128 })
    expect(parseRange('::ffff:10.0.0.0/104')).toEqual({ address: '10.0.0.0', family: 4, prefix: 8 })
    for (const bad of ['10.0.0.0/33', '10.0.0/8', 'example.com', '10.0.0.0/', '::1/129', '::ffff:10.0.0.0/8', '/8']) {
      expect(parseRange(bad), bad).toBeUndefined()
    }
  })

  it('holds addresses of both families apart', () => {
    const ranges = new AddressRanges(['10.0.0.0/8', 'fd00::/8', '::/96'])
    expect(['10.255.0.1', 'fd12::1', '::1'].every((address) => ranges.has(address))).toBe(true)
    expect(['11.0.0.1', 'fe00::1', '8.8.8.8', 'example.com'].some((address) => ranges.has(address))).toBe(false)
    expect(() => new AddressRanges(['ten'])).toThrow('"ten" is no address range')
  })

  it('knows the port of a URL', () => {
    expect(['http://a', 'https://a', 'http://a:8080'].map((url) => portOf(new URL(url)))).toEqual([80, 443, 8080])
  })
})
