import { type FakeScript, fakeTransport } from '../../transports/fake-transport.ts'
import { type Reply, text } from './good-answer.ts'
import type { WireRequest } from './request-reader.ts'

/**
 * Answers by the lines of a script, the same that {@link fakeTransport} takes. What no line answers is a mistake of the test: a 501 with
 * the closest line in its text, which no client takes for a success.
 */
export function scriptedAnswer(script: FakeScript): (request: WireRequest) => Promise<Reply> {
  const transport = fakeTransport(script)
  return async ({ method, target, headers, body }) => {
    try {
      const reply = await transport.send({ method, url: new URL(target, 'http://127.0.0.1').href, headers, body })
      const fields = Object.entries(reply.headers).map(([name, value]) => [name, [value].flat().join(', ')])
      return { status: reply.status, headers: Object.fromEntries(fields), body: reply.body }
    } catch (error) {
      if (error instanceof TypeError) return text(501, error.message)
      throw error
    }
  }
}
