import { Fault, type OpenEnv } from '@patchbay/core'
import { httpClient } from '@patchbay/core/http'
import { LoneAttempt } from '../../face/lone-attempt.ts'
import { readContentType } from './attachments/content-type.ts'
import { descriptionLimits, type FetchDocument } from './description/load-documents.ts'
import { decodeXml } from './xml/decode-xml.ts'
import { XmlRefusal } from './xml/parse-xml.ts'

/** Longest time for one document, in milliseconds. */
const documentMs = 30_000

const nobody = { scheme: 'none', marks: { headers: [], query: [] }, apply: () => undefined }

/**
 * Brings the documents of a description over the connection's transport, behind the address guard. The credential goes only to `trusted`, the
 * origin that calls go to.
 */
export function documentFetcher(env: OpenEnv, trusted: (origin: string) => boolean): FetchDocument {
  return async (location) => {
    const client = httpClient({
      ...env,
      baseUrl: location.origin,
      headers: { accept: 'application/wsdl+xml, text/xml, application/xml;q=0.9, */*;q=0.1' },
      credential: trusted(location.origin) ? env.credential : nobody,
      limits: { maxBodyBytes: descriptionLimits.documentBytes },
    })
    const attempt = new LoneAttempt(undefined, env.clock.monotonic() + documentMs)
    const where = `${location.origin}${location.pathname}`.slice(0, 200)
    try {
      const { value, headers } = await client.send({ link: location.href, expect: 'bytes' }, attempt)
      const charset = readContentType(headers['content-type'])?.parameters.get('charset')
      return decodeXml(value as Uint8Array, charset)
    } catch (error) {
      if (error instanceof XmlRefusal) throw about(where, { kind: 'config', message: `it ${error.message}` })
      if (!(error instanceof Fault)) throw error
      const { facts } = error
      throw about(
        where,
        facts.kind === 'not-found' || facts.kind === 'invalid-input' ? { ...facts, kind: 'config' } : facts,
      )
    }
  }
}

function about(where: string, facts: Fault['facts']): Fault {
  const why = facts.message === undefined ? '' : `: ${facts.message}`
  // Loading is a read of its own: nothing of the call was sent.
  return new Fault({
    ...facts,
    sent: 'none',
    code: facts.code ?? 'wsdl',
    message: `the WSDL document ${where} could not be read${why}`,
  })
}
