import { createHmac } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import type { Inbox } from '@patchbay/core/webhooks'
import type { Breakage } from './breakage.ts'

/** Receivers as they should not be: one says yes before anything is stored, the other believes everybody. */
export function carelessly(
  breakage: Breakage | undefined,
  inbox: Inbox<'github'>,
  secret: string,
): RequestListener | undefined {
  if (breakage === 'answer-early')
    return async (request, response) => {
      const body = await bodyOf(request)
      response.writeHead(202).end()
      setTimeout(() => void inbox.receive('github', { method: 'POST', url: '', headers: request.headers, body }), 300)
    }
  if (breakage === 'trust-everybody')
    return async (request, response) => {
      const body = await bodyOf(request)
      const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
      const headers = { ...request.headers, 'x-hub-signature-256': signature }
      const { status } = await inbox.receive('github', { method: 'POST', url: '', headers, body })
      response.writeHead(status).end()
    }
  return undefined
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
