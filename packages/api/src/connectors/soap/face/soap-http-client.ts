import { Fault, patchbayError } from '@patchbay/core'
import soap from 'soap'

export { soap as soapLibrary }

type Ask = soap.HttpClient['request']
type Read = soap.HttpClient['handleResponse']

/**
 * soap's own HTTP client without what it does behind the transport's back: NTLM, for which it opens connections of its own past the
 * address guard, and a search for the envelope whose time grows with the square of a hostile answer's length.
 */
export class TransportHttpClient extends soap.HttpClient {
  override request(...[url, data, callback, headers, options]: Parameters<Ask>): ReturnType<Ask> {
    if (options !== undefined && 'ntlm' in options && options.ntlm) throw ntlmRefused()
    return super.request(url, data, callback, headers, options)
  }

  /** Must not throw: soap would neither call back nor catch it. */
  override handleResponse(...[, , body]: Parameters<Read>): ReturnType<Read> {
    if (typeof body !== 'string') return body
    const envelope = envelopeIn(body)
    return hasRunawayText(envelope) || isTooDeep(envelope) ? unreadable : envelope
  }
}

function ntlmRefused(): Error {
  const message = 'opens connections of its own, past the address guard: it is not supported here'
  return patchbayError(new Fault({ kind: 'unsupported', sent: 'none', issues: [{ path: 'ntlm', message }] }).facts)
}

/** No XML: soap takes an empty text for an empty answer. */
const unreadable = '<'

const comment = '<!--'
const opening = /<!--|<([A-Za-z_][\w.-]{0,63}):Envelope[\s>]/g

/** The envelope without what some servers write around it; the whole text when there is none. In one pass. */
export function envelopeIn(text: string): string {
  for (opening.lastIndex = 0; ; ) {
    const found = opening.exec(text)
    if (found === null) return text
    if (found[0] === comment) {
      const end = text.indexOf('-->', found.index + comment.length)
      if (end === -1) return text
      opening.lastIndex = end
      continue
    }
    const closing = `</${found[1]}:Envelope>`
    const end = text.lastIndexOf(closing)
    return end < found.index ? text : text.slice(found.index, end + closing.length)
  }
}

const declaration = '<?xml'

/**
 * soap looks into each CDATA section for an XML document, with a pattern that starts over at every declaration when none of them ends:
 * a megabyte of them stops the process for minutes. No sender writes that.
 */
export function hasRunawayText(xml: string): boolean {
  for (let at = xml.indexOf('<![CDATA['); at !== -1; ) {
    const end = xml.indexOf(']]>', at)
    if (end === -1) return false
    const text = xml.slice(at, end)
    const first = text.indexOf(declaration)
    const ends = first !== -1 && text.includes('?>', first + declaration.length + 1)
    if (first !== -1 && !ends && text.includes(declaration, first + 1)) return true
    at = xml.indexOf('<![CDATA[', end)
  }
  return false
}

const deepest = 250

/** soap walks over elements by recursion: some thousands of them inside one another end the stack. */
export function isTooDeep(xml: string): boolean {
  let depth = 0
  for (let at = xml.indexOf('<'); at !== -1; at = xml.indexOf('<', at)) {
    const end = endOf(xml, at)
    if (end === -1) return false
    const next = xml.charCodeAt(at + 1)
    if (next === slash) depth--
    else if (next !== exclamation && next !== question && xml.charCodeAt(end - 1) !== slash && ++depth > deepest)
      return true
    at = end
  }
  return false
}

/** Where a tag, comment or CDATA section ends; -1 when it does not. An attribute may hold a `>`. */
function endOf(xml: string, at: number): number {
  if (xml.startsWith('<![CDATA[', at)) return xml.indexOf(']]>', at)
  if (xml.startsWith(comment, at)) return xml.indexOf('-->', at + comment.length)
  for (let place = at + 1; place < xml.length; place++) {
    const code = xml.charCodeAt(place)
    if (code === 62) return place
    if (code !== 34 && code !== 39) continue
    place = xml.indexOf(code === 34 ? '"' : "'", place + 1)
    if (place === -1) return -1
  }
  return -1
}

const slash = 47
const exclamation = 33
const question = 63
