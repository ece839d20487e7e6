import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { formatChecks, formatExamples } from './formats.ts'

const ajv = new Ajv2020({ strict: false, logger: false })
;(addFormats as unknown as (ajv: Ajv2020) => void)(ajv)

/** From the specifications that section 7.3 of JSON Schema Validation names. */
const table: Readonly<Record<string, { readonly good: readonly string[]; readonly bad: readonly string[] }>> = {
  'date-time': {
    good: [
      '2026-01-31T09:30:00Z',
      '1985-04-12T23:20:50.52Z',
      '1996-12-19t16:39:57-08:00',
      '1990-12-31T23:59:60Z',
      '1990-12-31T15:59:60-08:00',
      '2024-02-29T00:00:00+23:59',
    ],
    bad: [
      '2026-01-31',
      '2026-01-31T09:30:00',
      '2026-01-31 09:30:00Z',
      '2026-02-29T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026-01-31T24:00:00Z',
      '2026-01-31T09:30Z',
      '2026-01-31T09:30:00.Z',
      '2026-01-31T09:30:60Z',
      '2026-01-31T09:30:00+2400',
      '2026-01-31T09:30:00+24:00',
      '2026-01-31T09:30:00ZZ',
      '',
      '２026-01-31T09:30:00Z',
    ],
  },
  date: {
    good: ['2026-01-31', '2000-02-29', '0000-01-01'],
    bad: [
      '1900-02-29',
      '2026-1-31',
      '2026-04-31',
      '2026-00-10',
      '2026-01-00',
      '26-01-01',
      '2026-01-31Z',
      ' 2026-01-31',
    ],
  },
  time: {
    good: ['09:30:00Z', '23:59:60Z', '09:30:00.123456789+05:30', '00:29:60+00:30'],
    bad: ['09:30:00', '25:00:00Z', '09:60:00Z', '12:00:60Z', '9:30:00Z', '09:30:00+5:30'],
  },
  duration: {
    good: ['P1DT12H', 'PT0S', 'P4W', 'P1Y2M3DT4H5M6S', 'PT36H', 'P1M', 'P1D'],
    bad: ['P', 'PT', 'P1DT', '1D', 'P1', 'P1W2D', 'PT1D', 'P2D1Y', 'P1S', 'P1YT', 'P-1D'],
  },
  email: {
    good: ['name@example.com', 'a.b+c@sub.example.com', "o'neil@example.org", 'x@localhost'],
    bad: [
      'name',
      '@example.com',
      'name@',
      'a..b@example.com',
      '.a@example.com',
      'a@b@c.com',
      'a b@example.com',
      'name@-example.com',
      'name@example..com',
      `${'a'.repeat(65)}@example.com`,
    ],
  },
  hostname: {
    good: ['api.example.com', 'localhost', 'a', '1.2.3.example', 'xn--bcher-kva.example'],
    bad: ['', '-a.example', 'a-.example', 'a..b', 'a_b.example', `${'a'.repeat(64)}.com`, '.a', 'a b'],
  },
  ipv4: {
    good: ['192.0.2.1', '0.0.0.0', '255.255.255.255'],
    bad: ['256.0.0.1', '192.0.2', '192.0.2.1.', '01.2.3.4', '1.2.3.4.5', 'a.b.c.d', ''],
  },
  ipv6: {
    good: ['2001:db8::1', '::', '::1', '1::', '1:2:3:4:5:6:7:8', '::ffff:192.0.2.1', '1:2:3:4:5:6:1.2.3.4', 'FE80::a'],
    bad: [
      '',
      ':',
      ':::',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1::2::3',
      '12345::',
      '::1.2.3',
      '1.2.3.4',
      'fe80::1%eth0',
      '1:2:3:4:5:6:7:8::',
      ':1',
      '1:',
      '1:2:3:4:5:6:7:',
    ],
  },
  uri: {
    good: [
      'https://example.com/path?x=1#y',
      'urn:isbn:0451450523',
      'mailto:a@example.com',
      'http://[2001:db8::1]:8080/',
      'file:///etc/hosts',
    ],
    bad: [
      '/relative',
      'example.com',
      'https://',
      'https://exa mple.com',
      'https://example.com/%zz',
      'https://example.com/\u00e4',
      'http://a/b#c#d',
      '',
      '1http://x',
    ],
  },
  uuid: {
    good: [
      '2f1f5a44-8a4f-4f0e-9f0a-0d5f6a7b8c9d',
      '00000000-0000-0000-0000-000000000000',
      '2F1F5A44-8A4F-4F0E-9F0A-0D5F6A7B8C9D',
    ],
    bad: [
      '2f1f5a448a4f4f0e9f0a0d5f6a7b8c9d',
      '2f1f5a44-8a4f-4f0e-9f0a-0d5f6a7b8c9',
      'g0000000-0000-0000-0000-000000000000',
      '{2f1f5a44-8a4f-4f0e-9f0a-0d5f6a7b8c9d}',
    ],
  },
  'json-pointer': { good: ['', '/', '/a/0', '/a~1b/~0', '/\u00e4 "'], bad: ['a', '/~', '/~2', '#/a'] },
  byte: { good: ['', 'YQ==', 'YWI=', 'YWJj'], bad: ['Y', 'YQ=', 'YQ===', 'YW-_', 'Y Q=', 'YQ==YQ=='] },
}

describe.each(Object.entries(table))('%s', (format, { good, bad }) => {
  const holds = formatChecks.get(format)

  it.each(good)('takes %j', (text) => expect(holds?.(text)).toBe(true))
  it.each(bad)('refuses %j', (text) => expect(holds?.(text)).toBe(false))

  it('is as strict as ajv-formats, or stricter', () => {
    const theirs = ajv.compile({ format })
    // Hosts without a dot are addresses inside a network; ajv-formats wants one.
    for (const text of good.filter((one) => one !== 'x@localhost'))
      expect({ text, valid: theirs(text) }).toEqual({ text, valid: true })
  })
})

it('has an example for every format', () => {
  expect([...formatExamples.keys()].sort()).toEqual([...formatChecks.keys()].sort())
})

it('answers long hostile texts at once', () => {
  const texts = [
    'a'.repeat(200_000),
    'a.'.repeat(100_000),
    '1:'.repeat(100_000),
    '/~0'.repeat(60_000),
    `P${'1'.repeat(200_000)}`,
    'http://a/%'.repeat(20_000),
  ]
  const start = performance.now()
  for (const holds of formatChecks.values()) for (const text of texts) holds(text)
  expect(performance.now() - start).toBeLessThan(2_000)
})
