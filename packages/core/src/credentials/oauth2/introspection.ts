import { Fault } from '../../errors.ts'
import type { ObtainContext } from '../tokens/token-plan.ts'
import type { TokenEndpoint } from './token-endpoint.ts'

/**
 * Asks whether a refresh token is still good, without using it.
 * @see https://www.rfc-editor.org/rfc/rfc7662
 */
export function introspect(endpoint: TokenEndpoint, url: string) {
  return async (context: ObtainContext): Promise<boolean | undefined> => {
    const { refresh } = context
    if (refresh === undefined) return undefined
    const form = { token: refresh, token_type_hint: 'refresh_token' }
    const { response } = await endpoint.post(context, url, { form, secrets: [refresh] })
    // Out of order for a while is no answer: who takes it for one gives a good token up.
    if (response.status === 429 || response.status >= 500) throw outOfOrder(url, response.status)
    if (response.status !== 200) return undefined
    try {
      const { active } = JSON.parse(new TextDecoder().decode(response.body)) as { active?: unknown }
      return typeof active === 'boolean' ? active : undefined
    } catch {
      return undefined
    }
  }
}

function outOfOrder(url: string, status: number): Fault {
  return new Fault({
    kind: 'unavailable',
    code: 'introspection-unavailable',
    status,
    sent: 'all',
    message: `the introspection endpoint ${new URL(url).host} does not tell whether the refresh token is spent`,
  })
}
