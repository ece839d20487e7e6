import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { SharedTokenScheme } from '../scheme.ts'
import { compileFieldList, compileMessageId } from './fields.ts'
import { type InboundMessage, refused, type Verdict, type Verifier } from './message.ts'
import { activeKeys, timedKeys, type WebhookSecret } from './secrets.ts'

/** Hashing first makes both sides equally long, so that the comparison tells nothing about the token's length. */
function digest(text: string, encoding: 'latin1' | 'utf8'): Buffer {
  return createHash('sha256').update(text, encoding).digest()
}

/** Compiles a scheme whose messages carry the secret itself: proves the sender, and nothing about the content. */
export function compileSharedToken(
  scheme: SharedTokenScheme,
  options: { readonly secrets: readonly WebhookSecret[] | undefined; readonly clock: Clock },
): Verifier<Verdict> {
  const keys = timedKeys(options.secrets, (text) => digest(text, 'utf8'))
  const active = activeKeys(keys, options.clock)
  const readTokens = compileFieldList(scheme.token, 'missing-signature')
  const readMessageId = compileMessageId(scheme.messageId)
  const prefix = scheme.prefix ?? ''
  // Header characters are bytes of the wire; values out of a query or JSON are text.
  const encoding = scheme.token.from === 'header' || scheme.token.from === 'header-pair' ? 'latin1' : 'utf8'
  return {
    verify(message: InboundMessage): Verdict {
      const tokens = readTokens(message)
      if ('accepted' in tokens) return tokens
      if (!tokens.every((token) => token.startsWith(prefix))) return refused('malformed-signature')
      const digests = tokens.map((token) => digest(token.slice(prefix.length), encoding))
      const candidates = active()
      if (candidates.length === 0) return refused('no-active-secret')
      let found = -1
      for (const { key, index } of candidates)
        if (digests.map((theirs) => timingSafeEqual(theirs, key)).every(Boolean)) found = index
      if (found === -1) return refused('bad-signature')
      const messageId = readMessageId(message)
      if (typeof messageId === 'object') return messageId
      return { accepted: true, messageId, sentAt: undefined, key: found }
    },
  }
}
