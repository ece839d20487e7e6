import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { connect, isPatchbayError, type Transport } from '@patchbay/core'
import { basic } from '@patchbay/core/credentials'
import { fakeClock, issueCertificate } from '@patchbay/core/testing'
import { describe, expect, it } from 'vitest'
import { SignedXml } from 'xml-crypto'
import { crm } from './fixtures/crm-documents.ts'
import { rsaIdentity } from './fixtures/rsa-identity.ts'
import { soap, type WsSecurityConfig, wsSecurity } from './index.ts'
import { OutgoingEnvelope } from './message/build-envelope.ts'
import { parseEnvelope } from './message/read-envelope.ts'
import { secureEnvelope } from './security/security-header.ts'
import { type AnswerRules, verifyEnvelope } from './security/verify-envelope.ts'
import { canonicalXml } from './xml/canonical-xml.ts'
import { parseXml } from './xml/parse-xml.ts'

const now = Date.parse('2026-06-01T12:00:00Z')
const ada = rsaIdentity('ada')
const eve = rsaIdentity('eve')
const random = { next: () => 0.5, bytes: (length: number) => new Uint8Array(length).fill(7), uuid: counter() }
function counter(): () => string {
  let count = 0
  return () => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`
}
const clock = { ...fakeClock(), now: () => now }

function signed(identity = ada, text = 'hello'): string {
  const envelope = new OutgoingEnvelope('1.1')
  envelope.body.append(envelope.element('urn:x', 'Answer', text))
  secureEnvelope(
    envelope,
    {
      token: undefined,
      freshForSeconds: 300,
      signing: {
        key: createPrivateKey(identity.key),
        certificate: new X509Certificate(identity.certificate),
        algorithm: 'rsa-sha256',
        parts: ['body', 'timestamp'],
      },
      mustUnderstand: true,
      actor: undefined,
    },
    { clock, random },
  )
  return envelope.text
}

const rules: AnswerRules = {
  trust: { certificates: [new X509Certificate(ada.certificate)], authorities: [] },
  timestamp: true,
  skewSeconds: 60,
}
const judged = (text: string, at = now, own = rules): string => {
  try {
    verifyEnvelope(parseEnvelope(text), own, at)
    return 'accepted'
  } catch (error) {
    return String((error as Error).message)
  }
}

describe('signatures', () => {
  it('are what xml-crypto accepts', () => {
    const text = signed()
    const element = /<ds:Signature>[\s\S]*<\/ds:Signature>/.exec(text)?.[0] ?? ''
    const other = new SignedXml({ publicCert: ada.certificate, getCertFromKeyInfo: () => null })
    other.loadSignature(
      element.replace('<ds:Signature>', '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'),
    )
    expect(other.checkSignature(text)).toBe(true)
    expect(other.getSignedReferences()).toHaveLength(2)
  })

  it('of xml-crypto are accepted, and read from what was signed', () => {
    const plain = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"><s:Header><w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><u:Timestamp u:Id="T"><u:Created>2026-06-01T11:59:00Z</u:Created><u:Expires>2026-06-01T12:01:00Z</u:Expires></u:Timestamp></w:Security></s:Header><s:Body u:Id="B"><a:r xmlns:a="urn:a" z="1" b="2">x &amp; y</a:r></s:Body></s:Envelope>`
    const signer = new SignedXml({
      privateKey: ada.key,
      publicCert: ada.certificate,
      signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
      canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
      idMode: 'wssecurity',
    })
    for (const id of ['B', 'T'])
      signer.addReference({
        xpath: `//*[@*[local-name(.)='Id']='${id}']`,
        transforms: ['http://www.w3.org/2001/10/xml-exc-c14n#'],
        digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
      })
    signer.computeSignature(plain, {
      prefix: 'ds',
      location: { reference: "//*[local-name(.)='Security']", action: 'append' },
    })
    expect(judged(signer.getSignedXml())).toBe('accepted')
  })

  it.each<[string, (text: string) => string, RegExp]>([
    ['another body', (text) => text.replace('hello', 'hullo'), /changed after it was signed/],
    ['no signature', (text) => text.replace(/<ds:Signature>[\s\S]*<\/ds:Signature>/, ''), /is not signed/],
    ['another signer', () => signed(eve), /neither pinned nor issued/],
    ['another time', (text) => text.replace(/<wsu:Created>2026/, '<wsu:Created>2027'), /changed after it was signed/],
    [
      'the signed body moved aside, another in its place',
      (text) => {
        const body = /<soap:Body[\s\S]*<\/soap:Body>/.exec(text)?.[0] ?? ''
        const forged = '<soap:Body><n2:Answer>forged</n2:Answer></soap:Body>'
        return text
          .replace(body, forged)
          .replace('</wsse:Security>', `</wsse:Security><n2:Wrapper>${body}</n2:Wrapper>`)
      },
      /a Body that is not signed/,
    ],
    [
      'two elements of one id',
      (text) =>
        text.replace('<soap:Header>', `<soap:Header><n2:x wsu:Id="${/Body wsu:Id="([^"]+)"/.exec(text)?.[1]}"/>`),
      /an id twice/,
    ],
    ['two bodies', (text) => text.replace('</soap:Envelope>', '<soap:Body/></soap:Envelope>'), /without the one Body/],
    [
      'two Security headers',
      (text) => text.replace('<soap:Header>', '<soap:Header><wsse:Security/>'),
      /several Security headers/,
    ],
    ['a second signature', (text) => text.replace('<n2:Answer>', '<n2:Answer><ds:Signature/>'), /several signatures/],
    [
      'a weaker digest',
      (text) => text.replaceAll('2001/04/xmlenc#sha256', '2000/09/xmldsig#sha1'),
      /signature that does not fit/,
    ],
    [
      'a weaker method',
      (text) => text.replace('2001/04/xmldsig-more#rsa-sha256', '2000/09/xmldsig#rsa-sha1'),
      /not accepted/,
    ],
    [
      'a secret key method',
      (text) => text.replace('2001/04/xmldsig-more#rsa-sha256', '2001/04/xmldsig-more#hmac-sha256'),
      /not accepted/,
    ],
    [
      'another transform',
      (text) =>
        text.replaceAll(
          /<ds:Transform Algorithm="[^"]*"\/>/g,
          '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"/>',
        ),
      /signature that does not fit|another method/,
    ],
    [
      'a comment in the digest',
      (text) => text.replace(/<ds:DigestValue>(.)/, '<ds:DigestValue>$1<!-- x -->'),
      /accepted/,
    ],
    ['a document type', (text) => text.replace('<soap:Envelope', '<!DOCTYPE a><soap:Envelope'), /document type/],
  ])('%s', (_, change, expected) => {
    expect(judged(change(signed()))).toMatch(expected)
  })

  it('hold for their time only', () => {
    expect(judged(signed(), now + 359_000)).toBe('accepted')
    expect(judged(signed(), now + 361_000)).toMatch(/is too old/)
    expect(judged(signed(), now - 61_000)).toMatch(/of the future/)
  })

  it('canonicalize as xml-crypto does', () => {
    const text = `<a:x xmlns:a="urn:a" xmlns:b="urn:b" xmlns="urn:d" b:z="1" y="&lt;&quot;&#9;" a:w="2"><y xmlns=""><b:q xmlns:b="urn:c">t&gt;\u{1f600}&#13;</b:q></y><!-- c --><a:e/></a:x>`
    const signer = new SignedXml({
      privateKey: ada.key,
      signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
      canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
    })
    signer.addReference({
      xpath: '/*',
      transforms: ['http://www.w3.org/2001/10/xml-exc-c14n#'],
      digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
    })
    signer.computeSignature(text.replace('<a:x ', '<a:x Id="i" '))
    const digest = /<DigestValue>([^<]+)</.exec(signer.getSignedXml())?.[1]
    const own = canonicalXml(parseXml(text.replace('<a:x ', '<a:x Id="i" ')))
    expect(createHash('sha256').update(own).digest('base64')).toBe(digest)
  })
})

const xml = { 'content-type': 'text/xml' }
function vendor(answer: (request: string) => string) {
  const requests: { readonly body: string; readonly headers: object }[] = []
  const transport: Transport = {
    async send({ url, body, headers = {} }) {
      requests.push({ body: String(body), headers })
      return {
        status: 200,
        statusText: '',
        headers: xml,
        url,
        body: Buffer.from(answer(String(body))),
        stream: undefined,
      }
    },
    close: async () => undefined,
  }
  return { transport, requests }
}
const good = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><StoreDocumentResponse xmlns="urn:crm:customer"><size>1</size></StoreDocumentResponse></s:Body></s:Envelope>`

function open(config: WsSecurityConfig, more: object = {}) {
  const { transport, requests } = vendor(() => good)
  const connection = connect(soap, {
    config: { wsdl: crm, port: 'Crm11', endpoint: 'https://crm.example.com/x', ...more },
    credential: wsSecurity(config),
    transport,
    clock,
  })
  const call = () =>
    connection.call.invoke({ operation: 'StoreDocument', body: { name: 'a', content: new Uint8Array(1) } })
  return { call, requests }
}

describe('the credential', () => {
  it('sends a digest of nonce, time and password, never the password', async () => {
    const { call, requests } = open({
      username: 'ada',
      password: 'pass-word-1',
      http: basic({ username: 'h', password: 'p' }),
    })
    await call()
    const { body, headers } = requests[0] as (typeof requests)[0]
    const value = (name: string): string =>
      new RegExp(`<[^>]*:${name}[ >][^<]*`).exec(body)?.[0].replace(/^[^>]*>/, '') ?? ''
    const nonce = Buffer.from(value('Nonce'), 'base64')
    const expected = createHash('sha1').update(nonce).update(value('Created')).update('pass-word-1').digest('base64')
    expect(value('Password')).toBe(expected)
    expect(value('Username')).toBe('ada')
    expect(body).not.toContain('pass-word-1')
    expect(headers).toMatchObject({ authorization: expect.stringMatching(/^Basic /) })
  })

  it('adds WS-Addressing and signs it', async () => {
    const { call, requests } = open(
      { certificate: ada.certificate, key: ada.key, sign: ['body', 'timestamp', 'addressing'] },
      { addressing: true },
    )
    await call()
    const body = requests[0]?.body ?? ''
    expect(body).toMatch(/<wsa:Action[^>]*>urn:crm:StoreDocument</)
    expect(body.match(/<ds:Reference /g)).toHaveLength(6)
    expect(judged(body)).toBe('accepted')
  })

  it('refuses answers that are not signed when they must be', async () => {
    const { call } = open({ answersBy: { certificates: [ada.certificate] } })
    await expect(call()).rejects.toMatchObject({ kind: 'protocol', code: 'signature', retry: 'never' })
  })

  it('refuses attachments that would not be signed', async () => {
    const { call } = open({ certificate: ada.certificate, key: ada.key }, { mtom: true })
    await expect(call()).rejects.toMatchObject({ kind: 'config', issues: [{ path: 'mtom' }] })
  })

  const ec = issueCertificate({ name: 'ec', role: 'client', notBefore: new Date(0), notAfter: new Date(4e12) })
  it.each<[WsSecurityConfig, string]>([
    [{}, 'username'],
    [{ username: 'a' }, 'password'],
    [{ certificate: 'x', key: ada.key }, 'certificate'],
    [{ certificate: ada.certificate, key: 'x' }, 'key'],
    [{ certificate: ada.certificate, key: eve.key }, 'key'],
    [{ certificate: ec.certificate, key: ec.key }, 'key'],
    [{ answersBy: {} }, 'answersBy'],
    [{ username: 'a', password: 'b', pasword: 'c' } as WsSecurityConfig, 'pasword'],
  ])('names what is wrong with its config %#', (config, path) => {
    try {
      wsSecurity(config)
      throw new Error('accepted')
    } catch (error) {
      expect(isPatchbayError(error) && error.issues.map((issue) => issue.path)).toContain(path)
      expect(String(error)).not.toContain(String(ada.key).slice(40, 80))
    }
  })
})
