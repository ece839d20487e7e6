import { patchbayError } from '../../errors.ts'
import type { SignedPart } from '../scheme.ts'
import { compileField, type FieldReader } from './fields.ts'
import { type InboundMessage, type Refused, refused } from './message.ts'

/** Where signed bytes go: an Hmac, or a list. */
export interface ByteSink {
  update(data: Uint8Array): unknown
  update(data: string, encoding: 'latin1' | 'utf8'): unknown
}

/** Feeds what is signed to `sink`, in order. A refusal when the message lacks a part. */
export type ContentWriter = (message: InboundMessage, sink: ByteSink) => Refused | undefined

/** The text before the body (undefined: there is no body part), and how to write what follows. */
export interface SignedContent {
  readonly write: ContentWriter
  /** Whether the body takes part; without it a signature says nothing about the content. */
  readonly coversBody: boolean
}

/** Compiles the parts; text that stands together is joined, so that each hash gets as few updates as possible. */
export function compileSignedContent(parts: readonly SignedPart[]): SignedContent {
  if (parts.length === 0)
    throw patchbayError({ kind: 'config', message: 'webhook scheme: signed is empty; name at least the body' })
  const segments: (FieldReader | 'body')[] = []
  let text: FieldReader[] = []
  const flush = (): void => {
    if (text.length > 0) segments.push(joined(text))
    text = []
  }
  for (const part of parts) {
    if ('body' in part) {
      flush()
      segments.push('body')
    } else text.push(textReader(part))
  }
  flush()
  return { write: writer(segments), coversBody: parts.some((part) => 'body' in part || 'form' in part) }
}

function writer(segments: readonly (FieldReader | 'body')[]): ContentWriter {
  const [first, second] = segments
  if (segments.length === 1 && first === 'body')
    return ({ body }, sink) => {
      sink.update(body)
      return undefined
    }
  if (segments.length === 2 && typeof first === 'function' && second === 'body')
    return (message, sink) => {
      const head = first(message)
      if (typeof head !== 'string') return head
      sink.update(head, 'latin1')
      sink.update(message.body)
      return undefined
    }
  return (message, sink) => {
    for (const segment of segments) {
      if (segment === 'body') sink.update(message.body)
      else {
        const text = segment(message)
        if (typeof text !== 'string') return text
        sink.update(text, 'latin1')
      }
    }
    return undefined
  }
}

/** Header values arrive as latin-1; texts from elsewhere are made latin-1 of their UTF-8 bytes, so that one encoding serves all. */
function bytesAsText(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text, 'utf8').toString('latin1')
}

function textReader(part: Exclude<SignedPart, { body: 'raw' }>): FieldReader {
  if ('literal' in part) {
    const literal = bytesAsText(part.literal)
    return () => literal
  }
  if ('url' in part) return ({ url }) => bytesAsText(url)
  if ('method' in part) return ({ method }) => method
  if ('form' in part) return sortedPairs
  const read = compileField(part, part.from === 'body' ? 'missing-field' : 'missing-signature')
  if (part.from === 'header' || part.from === 'header-pair') return read
  return (message) => {
    const value = read(message)
    return typeof value === 'string' ? bytesAsText(value) : value
  }
}

function joined(readers: readonly FieldReader[]): FieldReader {
  if (readers.length === 1) return readers[0] as FieldReader
  return (message) => {
    let text = ''
    for (const read of readers) {
      const part = read(message)
      if (typeof part !== 'string') return part
      text += part
    }
    return text
  }
}

const formType = /^application\/x-www-form-urlencoded *(?:;|$)/i

/** @see https://www.twilio.com/docs/usage/security#validating-requests: sorted by name; equal pairs count once. */
function sortedPairs(message: InboundMessage): string | Refused {
  const { headers, body } = message
  const type = Object.hasOwn(headers, 'content-type') ? headers['content-type'] : undefined
  if (typeof type !== 'string' || !formType.test(type)) return ''
  let form: URLSearchParams
  try {
    form = new URLSearchParams(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return refused('malformed-body')
  }
  const names = [...new Set(form.keys())].sort()
  let text = ''
  for (const name of names) for (const value of [...new Set(form.getAll(name))].sort()) text += name + value
  return bytesAsText(text)
}
