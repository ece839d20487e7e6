import { namespaces } from '../xml/names.ts'
import type { OutgoingEnvelope } from './build-envelope.ts'
import { type IncomingEnvelope, protocolFault } from './read-envelope.ts'

const uri = namespaces.addressing

export interface Addressing {
  readonly action: string
  readonly to: string
  /** A UUID. */
  readonly id: string
}

/** Adds the headers of WS-Addressing 1.0 for a request whose answer comes back over the same connection. Gives the MessageID. */
export function addAddressing(envelope: OutgoingEnvelope, { action, to, id }: Addressing): string {
  const { header } = envelope
  const messageId = `urn:uuid:${id}`
  header.append(envelope.element(uri, 'Action', action))
  header.append(envelope.element(uri, 'To', to))
  header.append(envelope.element(uri, 'MessageID', messageId))
  const reply = header.append(envelope.element(uri, 'ReplyTo'))
  reply.append(envelope.element(uri, 'Address', `${uri}/anonymous`))
  return messageId
}

/** @throws Fault `protocol` when the answer says that it belongs to another request */
export function checkRelation(envelope: IncomingEnvelope, messageId: string): void {
  const relations = envelope.header?.all(uri, 'RelatesTo') ?? []
  const replies = relations.filter((one) => (one.attribute('RelationshipType') ?? `${uri}/reply`) === `${uri}/reply`)
  if (replies.length > 0 && !replies.some((one) => one.text.trim() === messageId))
    throw protocolFault(
      'relates-to',
      'the answer relates to another message than the request (WS-Addressing RelatesTo)',
    )
}
