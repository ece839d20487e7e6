import { createHmac, createPublicKey, createSecretKey, timingSafeEqual, verify } from 'node:crypto'
import type { Clock, CredentialEnv } from '@patchbay/core'
import { awsSigV4, type SignedMessage, type Value, verifyMessage } from '@patchbay/core/credentials'
import type { IntegrationManifest } from '../../manifest/manifest.ts'
import type { VendorRequest } from '../vendor/request.ts'
import type { CredentialValues, ManifestCredential } from './credential-values.ts'
import type { SchemeEnv } from './token-scheme.ts'
import { timeTold, type ValueContext, valueBytes } from './value-reader.ts'
import { type AuthVerdict, bad, good, type VendorScheme } from './verdict.ts'

type Of<Scheme extends ManifestCredential['scheme']> = Extract<ManifestCredential, { scheme: Scheme }>
export type Writing = NonNullable<IntegrationManifest['signers']>[string]['writes'][number]

/** How far a signed time may be off. */
const toleranceMs = 5 * 60_000

const same = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function found(writing: Writing, request: VendorRequest): string | undefined {
  if ('header' in writing) return request.headers[writing.header.toLowerCase()]
  if ('query' in writing) return request.url.searchParams.get(writing.query) ?? undefined
  const cookies = (request.headers.cookie ?? '').split(/;\s*/).map((pair) => pair.split('='))
  return cookies
    .find(([name]) => name === writing.cookie)
    ?.slice(1)
    .join('=')
}

const nameOf = (writing: Writing): string =>
  'header' in writing
    ? `the header ${writing.header}`
    : 'query' in writing
      ? `the query key ${writing.query}`
      : `the cookie ${writing.cookie}`

/** Compares what a request carries with what the manifest says that it must; a signature is worked out anew. */
export function checkWritings(
  writes: readonly Writing[],
  request: VendorRequest,
  context: Omit<ValueContext, 'told' | 'request'>,
): AuthVerdict {
  const told = new Map<string, string>()
  for (const writing of writes) {
    const value = writing.value as Value
    const text = found(writing, request)
    if (text === undefined) return bad(`${nameOf(writing)} is missing`)
    if (typeof value !== 'object') continue
    if ('nonce' in value) told.set('nonce', text)
    if (!('time' in value)) continue
    told.set(`time:${value.time}`, text)
    const ms = timeTold(text, value.time)
    const dateOnly = value.time === 'date'
    if (ms === undefined || Math.abs(ms - context.now) > toleranceMs + (dateOnly ? 86_400_000 : 0))
      return bad(`${nameOf(writing)} is no time of now`)
  }
  const unsigned = withoutQuery(request, writes)
  for (const writing of writes) {
    const expected = valueBytes(writing.value as Value, { ...context, request: unsigned, told }).toString()
    if (!same(found(writing, request) ?? '', expected)) return bad(`${nameOf(writing)} does not match the request`)
  }
  return good
}

/** As the request was before query keys were added. */
function withoutQuery(request: VendorRequest, writes: readonly Writing[]): VendorRequest {
  const keys = writes.flatMap((writing) => ('query' in writing ? [writing.query] : []))
  if (keys.length === 0) return request
  const kept = request.url.search
    .replace(/^\?/, '')
    .split('&')
    .filter((pair) => !keys.includes(decodeURIComponent(pair.split('=')[0] ?? '')))
  const url = new URL(request.url)
  url.search = kept.join('&')
  return { ...request, url }
}

export function signerScheme(writes: readonly Writing[], values: CredentialValues, { clock }: SchemeEnv): VendorScheme {
  return { check: (request) => checkWritings(writes, request, { values, taken: {}, now: clock.now() }) }
}

/** Worked out by core at the time that the request tells, and compared. */
export function awsScheme(
  { settle }: Of<'aws-sigv4'>,
  values: CredentialValues,
  { clock, place, random }: SchemeEnv,
): VendorScheme {
  return {
    async check(request) {
      const { authorization, 'x-amz-date': date } = request.headers
      if (authorization === undefined || date === undefined)
        return bad('the headers Authorization and x-amz-date are missing')
      const at = timeTold(date, 'iso-basic')
      if (at === undefined || Math.abs(at - clock.now()) > toleranceMs) return bad('x-amz-date is no time of now')
      const region = settle.region === undefined ? (values.region ?? '') : place.fill(settle.region)
      const source = awsSigV4({
        accessKeyId: values.accessKeyId ?? '',
        secretAccessKey: values.secretAccessKey ?? '',
        ...(values.sessionToken === undefined ? {} : { sessionToken: values.sessionToken }),
        service: settle.service,
        region,
      })
      const stopped: Clock = {
        ...clock,
        now: () => at,
        monotonic: clock.monotonic,
        timer: clock.timer,
        interval: clock.interval,
        afterInput: clock.afterInput,
      }
      const env = {
        clock: stopped,
        random,
        connection: 'vendor',
        tenant: undefined,
        store: undefined,
      } as unknown as CredentialEnv
      const names = /SignedHeaders=([^,\s]+)/.exec(authorization)?.[1]?.split(';') ?? []
      const headers = Object.fromEntries(
        Object.entries(request.headers).filter(
          ([name]) =>
            names.includes(name) &&
            !['host', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'].includes(name),
        ),
      )
      const again = {
        method: request.method,
        url: request.url.href,
        headers: headers as Record<string, string>,
        body: request.bytes,
      }
      await (await source.open(env)).apply(again)
      const expected = (again.headers as Record<string, string>).authorization
      return expected !== undefined && same(expected, authorization)
        ? good
        : bad('the signature does not match the request')
    },
  }
}

/** HTTP Message Signatures (RFC 9421), verified by core. */
export function messageScheme(
  { settle }: Of<'http-message-signature'>,
  values: CredentialValues,
  { clock }: SchemeEnv,
): VendorScheme {
  const text = values.key ?? ''
  const key = settle.algorithm === 'hmac-sha256' ? createSecretKey(Buffer.from(text)) : createPublicKey(text)
  return {
    async check({ method, url, headers, bytes }) {
      if (headers['signature-input'] === undefined) return bad('the header Signature-Input is missing')
      const verdict = await verifyMessage({ method, url: url.href, headers } satisfies SignedMessage, {
        keyOf: (keyId) => (keyId === values.keyId ? { key, algorithm: settle.algorithm } : undefined),
        required: settle.components,
        now: clock.now(),
        body: bytes,
      })
      return verdict.valid ? good : bad(`the message signature is wrong: ${verdict.reason}`)
    },
  }
}

const strictly = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

/** OAuth 1.0 (RFC 5849, section 3), worked out here. */
export function oauth1Scheme({ settle }: Of<'oauth1'>, values: CredentialValues, { clock }: SchemeEnv): VendorScheme {
  const nonces = new Set<string>()
  return {
    check({ method, url, headers, body }) {
      const { authorization = '' } = headers
      if (!/^OAuth /i.test(authorization)) return bad('the header Authorization: OAuth is missing')
      const given = new Map(
        [...authorization.slice(6).matchAll(/([\w.-]+)="([^"]*)"/g)].map(
          ([, name = '', value = '']) => [name, decodeURIComponent(value)] as const,
        ),
      )
      if (given.get('oauth_consumer_key') !== values.consumerKey) return bad('the consumer key is unknown')
      if (values.token !== undefined && given.get('oauth_token') !== values.token) return bad('the token is unknown')
      const at = Number(given.get('oauth_timestamp')) * 1000
      if (settle.signatureMethod !== 'PLAINTEXT' && !(Math.abs(at - clock.now()) <= toleranceMs))
        return bad('oauth_timestamp is no time of now')
      const nonce = `${given.get('oauth_timestamp')}/${given.get('oauth_nonce')}`
      if (settle.signatureMethod !== 'PLAINTEXT' && nonces.has(nonce)) return bad('the nonce was used')
      nonces.add(nonce)
      const isForm = /^application\/x-www-form-urlencoded/i.test(headers['content-type'] ?? '')
      const form = isForm && typeof body === 'object' && body !== null ? Object.entries(body) : []
      const pairs = [
        ...url.searchParams,
        ...form.flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)] as const)),
        ...[...given].filter(([name]) => name !== 'oauth_signature' && name !== 'realm'),
      ]
        .map(([name, value]) => [strictly(name), strictly(value)] as const)
        .sort((a, b) => (a[0] === b[0] ? (a[1] < b[1] ? -1 : 1) : a[0] < b[0] ? -1 : 1))
      const base = [
        method,
        strictly(`${url.origin}${url.pathname}`),
        strictly(pairs.map((pair) => pair.join('=')).join('&')),
      ].join('&')
      const key = `${strictly(values.consumerSecret ?? '')}&${strictly(values.tokenSecret ?? '')}`
      const signature = given.get('oauth_signature') ?? ''
      const ok =
        settle.signatureMethod === 'PLAINTEXT'
          ? signature === key
          : settle.signatureMethod === 'RSA-SHA256'
            ? verify(
                'sha256',
                Buffer.from(base),
                createPublicKey(values.privateKey ?? ''),
                Buffer.from(signature, 'base64'),
              )
            : same(
                signature,
                createHmac(settle.signatureMethod === 'HMAC-SHA1' ? 'sha1' : 'sha256', key)
                  .update(base)
                  .digest('base64'),
              )
      return ok ? good : bad('the signature does not match the request')
    },
  }
}
