import { createSecretKey, type KeyObject } from 'node:crypto'
import type { Credential, CredentialEnv, SignableRequest } from '../../credential.ts'
import { Fault } from '../../errors.ts'
import { type MaybeSecret, Secret } from '../../secret.ts'
import { clockSkew } from '../clock-skew.ts'
import { ConfigCheck } from '../config-check.ts'
import { type PrivateKeyInput, readPrivateKey } from '../private-key.ts'
import { defineScheme, fieldsOf, secretField, textField } from '../scheme.ts'
import { fitsKey, type SignatureAlgorithm, signatureAlgorithms, signBase } from './algorithms.ts'
import { contentDigest, type DigestAlgorithm } from './content-digest.ts'
import { BaseProblem, signatureBase } from './signature-base.ts'
import { type Bare, type InnerList, isInnerList, parseDictionary, serializeMember } from './structured-fields.ts'

export interface HttpMessageSignatureConfig {
  readonly algorithm: SignatureAlgorithm
  /** Private key in PEM or JWK form; for `hmac-sha256` the secret, base64. */
  readonly key: PrivateKeyInput | MaybeSecret
  readonly keyId: string
  /**
   * What is covered, as in Signature-Input without the quotes around names: `@method`, `content-digest`, `@query-param;name="id"`.
   * Default: method, target URI, and the digest of the body when there is one.
   */
  readonly components?: readonly string[] | undefined
  /** Name of the signature. Default `sig1`. */
  readonly label?: string | undefined
  readonly tag?: string | undefined
  /** Seconds until the signature ends. Default: it names no end. */
  readonly expiresInSeconds?: number | undefined
  /** Adds a nonce. Default false. */
  readonly nonce?: boolean | undefined
  /** Names the algorithm in the signature. Default true. */
  readonly nameAlgorithm?: boolean | undefined
  readonly digest?: DigestAlgorithm | undefined
}

const id = 'http-message-signature'
const fields = [
  'algorithm',
  'key',
  'keyId',
  'components',
  'label',
  'tag',
  'expiresInSeconds',
  'nonce',
  'nameAlgorithm',
  'digest',
]

/**
 * HTTP Message Signatures, with the body covered through Content-Digest (RFC 9530).
 * @see https://www.rfc-editor.org/rfc/rfc9421
 */
export const httpMessageSignature = /* @__PURE__ */ defineScheme<HttpMessageSignatureConfig>(
  {
    id,
    title: 'HTTP message signature',
    fields: fieldsOf({
      algorithm: { enum: signatureAlgorithms, title: 'Algorithm' },
      key: secretField('Private key (PEM or JWK) or secret (base64)'),
      keyId: textField('Key id'),
    }),
  },
  (config) => {
    const check = new ConfigCheck(id)
    check.only(config, fields)
    const algorithm = check.oneOf('algorithm', config.algorithm, signatureAlgorithms)
    check.text('keyId', config.keyId, 'header-value')
    const key =
      algorithm === 'hmac-sha256'
        ? sharedKey(check, config.key)
        : readPrivateKey(check, 'key', config.key as PrivateKeyInput)
    if (key !== undefined && !fitsKey(algorithm, key)) check.issue('key', `does not fit the algorithm ${algorithm}`)
    if (!/^[a-z*][a-z0-9_.*-]*$/.test(config.label ?? 'sig1'))
      check.issue('label', 'must be lower-case letters, digits, "_", "-", "." or "*"')
    const components = config.components?.map((one, index) => component(check, one, `components.${index}`))
    check.done()
    return { scheme: id, open: (env) => new MessageSigner(config, key as KeyObject, components, env) }
  },
)

/** A derived component, or a field name in lower case. */
const componentName = /^@?[a-z0-9!#$%&'*+.^_`|~-]+$/

type Component = InnerList['items'][number]

class MessageSigner implements Credential {
  readonly scheme = id
  readonly marks = { headers: ['signature', 'signature-input', 'content-digest'], query: [] }
  readonly refusals = [400, 401, 403]
  readonly #config: HttpMessageSignatureConfig
  readonly #key: KeyObject
  readonly #components: readonly (Component | undefined)[] | undefined
  readonly #env: CredentialEnv
  readonly #signedSkew = new WeakMap<object, number>()
  #skewMs = 0

  constructor(
    config: HttpMessageSignatureConfig,
    key: KeyObject,
    components: readonly (Component | undefined)[] | undefined,
    env: CredentialEnv,
  ) {
    this.#config = { ...config, key: new Secret('') }
    this.#key = key
    this.#components = components
    this.#env = env
  }

  readonly apply: Credential['apply'] = (request) => {
    const { label = 'sig1', algorithm, digest } = this.#config
    const { body, headers } = request
    const items = this.#components ?? standard(body !== undefined)
    if (
      items.some((item) => item?.bare.kind === 'string' && item.bare.text === 'content-digest') &&
      headers['content-digest'] === undefined
    )
      headers['content-digest'] = contentDigest(wholeBody(body), digest)
    const input: InnerList = { items: items as readonly Component[], parameters: this.#parameters() }
    let base: Buffer
    try {
      base = signatureBase({ method: request.method, url: request.url, headers }, input)
    } catch (error) {
      if (!(error instanceof BaseProblem)) throw error
      throw new Fault({ kind: 'config', code: 'signature-base', sent: 'none', message: `${id}: ${error.message}` })
    }
    headers['signature-input'] = `${label}=${serializeMember(input)}`
    headers.signature = `${label}=:${signBase(algorithm, this.#key, base).toString('base64')}:`
    this.#signedSkew.set(request, this.#skewMs)
  }

  readonly refresh: NonNullable<Credential['refresh']> = async (request, response) => {
    const skewMs = clockSkew(response.headers, this.#env.clock.now()) ?? 0
    if (Math.abs(skewMs - (this.#signedSkew.get(request) ?? this.#skewMs)) < 30_000) return undefined
    this.#skewMs = skewMs
    return 'clock-skew'
  }

  #parameters(): ReadonlyMap<string, Bare> {
    const { clock, random } = this.#env
    const { expiresInSeconds, keyId, tag, nonce, nameAlgorithm = true, algorithm } = this.#config
    const created = Math.floor((clock.now() + this.#skewMs) / 1000)
    const parameters = new Map<string, Bare>([['created', { kind: 'integer', number: created }]])
    if (expiresInSeconds !== undefined)
      parameters.set('expires', { kind: 'integer', number: created + Math.floor(expiresInSeconds) })
    parameters.set('keyid', { kind: 'string', text: keyId })
    if (nameAlgorithm) parameters.set('alg', { kind: 'string', text: algorithm })
    if (nonce === true)
      parameters.set('nonce', { kind: 'string', text: Buffer.from(random.bytes(18)).toString('base64url') })
    if (tag !== undefined) parameters.set('tag', { kind: 'string', text: tag })
    return parameters
  }
}

function standard(withBody: boolean): Component[] {
  const names = ['@method', '@target-uri', ...(withBody ? ['content-digest'] : [])]
  return names.map((text) => ({ bare: { kind: 'string', text }, parameters: new Map() }))
}

function component(check: ConfigCheck, text: unknown, path: string): Component | undefined {
  const written = typeof text === 'string' ? text.replace(/^[^;]*/, '"$&"') : ''
  const list = parseDictionary(`a=(${written})`)?.get('a')
  const item = list !== undefined && isInnerList(list) && list.items.length === 1 ? list.items[0] : undefined
  if (item?.bare.kind !== 'string' || !componentName.test(item.bare.text))
    check.issue(path, 'is not a component such as "@method", "content-digest" or "@query-param;name=\\"id\\""')
  return item
}

function sharedKey(check: ConfigCheck, key: unknown): KeyObject | undefined {
  const plain: unknown = key instanceof Secret ? key.reveal() : key
  const bytes =
    typeof plain === 'string' && /^[A-Za-z0-9+/_-]+=*$/.test(plain) ? Buffer.from(plain, 'base64') : Buffer.alloc(0)
  if (bytes.length >= 16) return createSecretKey(bytes)
  check.issue('key', 'must be a shared secret of at least 16 bytes in base64')
  return undefined
}

function wholeBody(body: SignableRequest['body']): string | Uint8Array {
  if (body === undefined) return ''
  if (typeof body === 'string' || body instanceof Uint8Array) return body
  const message = `${id}: the signature covers the body, so it cannot be a stream: pass text or bytes, or set content-digest yourself`
  throw new Fault({ kind: 'unsupported', code: 'stream-not-signable', sent: 'none', message })
}
