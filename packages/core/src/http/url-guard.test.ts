import { describe, expect, it } from 'vitest'
import { type AllowEntry, GuardRefusal, resolveGuarded, resolver, urlGuard } from './url-guard.ts'

const guard = urlGuard()

describe('literals', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0x7f000001/',
    'http://017700000001/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://127.0.0.1./',
    'http://0/',
    'http://0.0.0.0/',
    'http://①②⑦.⓪.⓪.①/',
    'http://127。0。0。1/',
    'http://%31%32%37.0.0.1/',
    'http://10.1.2.3/',
    'http://100.64.0.1/',
    'http://100.100.100.200/',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.168.0.1/',
    'http://192.0.0.192/',
    'http://192.0.2.1/',
    'http://192.88.99.1/',
    'http://198.18.0.1/',
    'http://198.51.100.1/',
    'http://203.0.113.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[::]/',
    'http://[::1]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[::127.0.0.1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[::ffff:8.8.8.8]/',
    'http://[::ffff:0:127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[64:ff9b:1::1]/',
    'http://[2001::1]/',
    'http://[2001:db8::1]/',
    'http://[2002:7f00:1::]/',
    'http://[fc00::1]/',
    'http://[fd00:ec2::254]/',
    'http://[fe80::1]/',
    'http://[fec0::1]/',
    'http://[ff02::1]/',
    'http://[100::1]/',
    'http://[100:0:0:1::1]/',
    'http://[200:1234::1]/',
    'http://[400::1]/',
    'http://[4000::1]/',
    'http://[8000::1]/',
    'http://168.63.129.16/',
    'http://localhost/',
    'http://localhost./',
    'http://LOCALHOST:8080/',
    'http://api.localhost/',
    'http://ｌｏｃａｌｈｏｓｔ/',
    'https://user:secret@example.com/',
    'https://user@example.com/',
    'file:///etc/passwd',
    'data:text/plain,hello',
    'ftp://example.com/',
  ])('refuses %s', (url) => {
    const reason = guard.refusesUrl(new URL(url))
    expect(reason).toBeTypeOf('string')
    expect(reason).not.toContain('secret')
  })

  it.each([
    'https://example.com/',
    'http://93.184.216.34/',
    'http://[2606:2800:220:1::1]/',
    'https://localhost.example.com/',
  ])('lets %s pass', (url) => {
    expect(guard.refusesUrl(new URL(url))).toBeUndefined()
  })
})

describe('answers of a name server', () => {
  it.each([
    '127.0.0.1',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    'fe80::1%eth0',
    '169.254.169.254',
    'not-an-address',
    '',
  ])('refuses %s', (address) => {
    expect(guard.refusesAddress('api.example.com', 443, address)).toBeTypeOf('string')
  })

  it('checks all of them, and names the one that is refused', async () => {
    const resolve = (...addresses: string[]) =>
      resolveGuarded(
        guard,
        async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        'api.example.com',
        443,
      )
    expect(await resolve('93.184.216.34', '2606:2800:220:1::1')).toHaveLength(2)
    await expect(resolve('93.184.216.34', '10.0.0.1')).rejects.toThrow(GuardRefusal)
    await expect(resolve('93.184.216.34', '10.0.0.1')).rejects.toThrow('api.example.com leads to 10.0.0.1')
  })

  it('asks a lookup for all answers, and refuses one that gives only the first', async () => {
    const all = resolver((_host, options, callback) => {
      expect(options.all).toBe(true)
      callback(null, [{ address: '192.0.2.1', family: 4 }])
    })
    expect(await all('a.example')).toEqual([{ address: '192.0.2.1', family: 4 }])
    await expect(resolver((_host, _options, callback) => callback(null, '192.0.2.1', 4))('a')).rejects.toThrow('all')
  })
})

describe('allow entries', () => {
  const reaches = (allow: Parameters<typeof urlGuard>[0], host: string, port: number, address: string): boolean =>
    urlGuard(allow).refusesAddress(host, port, address) === undefined

  it('open a name, a port, a range, and all of these together', () => {
    const jenkins = { host: 'Jenkins.corp.example', port: 8080 }
    expect(reaches([jenkins], 'jenkins.corp.example', 8080, '10.0.0.5')).toBe(true)
    expect(reaches([jenkins], 'jenkins.corp.example', 8081, '10.0.0.5')).toBe(false)
    expect(reaches([jenkins], 'evil.example', 8080, '10.0.0.5')).toBe(false)
    expect(reaches([{ cidr: '10.0.0.0/8' }], 'any.example', 1, '10.0.0.5')).toBe(true)
    expect(reaches([{ cidr: '10.0.0.0/8' }], 'any.example', 1, '::ffff:10.0.0.5')).toBe(true)
    expect(reaches([{ cidr: '10.0.0.0/8' }], 'any.example', 1, '192.168.0.5')).toBe(false)
    const narrow = { host: '*.corp.example', cidr: 'fd00::/8', port: 443 }
    expect(reaches([narrow], 'a.corp.example', 443, 'fd00::1')).toBe(true)
    expect(reaches([narrow], 'corp.example', 443, 'fd00::1')).toBe(false)
    expect(reaches([narrow], 'a.corp.example', 443, 'fc00::1')).toBe(false)
  })

  it('never open the metadata service to a name alone', () => {
    expect(reaches([{ host: 'intranet.example' }], 'intranet.example', 80, '169.254.169.254')).toBe(false)
    expect(reaches([{ host: 'intranet.example' }], 'intranet.example', 80, 'fd00:ec2::254')).toBe(false)
    expect(reaches([{ cidr: '169.254.169.254/32' }], 'intranet.example', 80, '169.254.169.254')).toBe(true)
  })

  it('open this machine by name or by range', () => {
    const url = new URL('http://localhost:3000/')
    expect(urlGuard([{ host: 'localhost' }]).refusesUrl(url)).toBeUndefined()
    expect(urlGuard([{ cidr: '127.0.0.0/8', port: 3000 }]).refusesUrl(url)).toBeUndefined()
    expect(urlGuard([{ cidr: '127.0.0.0/8', port: 3001 }]).refusesUrl(url)).toBe('localhost is this machine')
    expect(urlGuard([{ host: '[::1]' }]).refusesUrl(new URL('http://[::1]/'))).toBeUndefined()
    expect(urlGuard([{ host: '0x7f.1' }]).refusesUrl(new URL('http://127.0.0.1/'))).toBeUndefined()
  })

  it('must say something', () => {
    expect(() => urlGuard([{}])).toThrow('an entry needs a host or a cidr range')
    expect(() => urlGuard([{ cidr: '10.0.0.0/40' }])).toThrow('"10.0.0.0/40" is no range')
  })
})

describe('allow entries open no more than they say', () => {
  const opened = (entry: AllowEntry, ...addresses: readonly string[]): readonly string[] => {
    const own = urlGuard([entry])
    return addresses.filter((address) => own.refusesAddress('db.corp.example', 5432, address) === undefined)
  }

  it('a range of IPv6 opens no IPv4 address', () => {
    expect(opened({ cidr: '::/0' }, '127.0.0.1', '10.0.0.1', '169.254.169.254', 'fd00::1')).toEqual(['fd00::1'])
    expect(opened({ cidr: '::/64' }, '127.0.0.1', '::1')).toEqual(['::1'])
    expect(opened({ cidr: '0.0.0.0/0' }, '10.0.0.1', 'fd00::1', '::1')).toEqual(['10.0.0.1'])
  })

  it("a trusted name does not open a cloud's metadata service in any spelling of its address", () => {
    const hidden = [
      '::a9fe:a9fe',
      '::ffff:0:a9fe:a9fe',
      '64:ff9b::a9fe:a9fe',
      '64:ff9b:1::a9fe:a9fe',
      '2002:a9fe:a9fe::',
    ]
    const plain = ['169.254.169.254', '168.63.129.16', '100.100.100.200', 'fd00:ec2::254', '::ffff:169.254.169.254']
    expect(opened({ host: '*.corp.example' }, ...hidden, ...plain)).toEqual([])
    expect(opened({ host: '*.corp.example' }, '::1', '127.0.0.1', '10.0.0.1', 'fd00::1')).toHaveLength(4)
  })
})
