import type { AuthorizationServer } from '@patchbay/core/testing'
import { startAuthorizationServer } from '@patchbay/core/testing'
import type { EdgeAnswer, EdgeRequest } from '../edge.ts'

export const client = { clientId: 'app', clientSecret: 'app secret' }

/** Long enough that nothing in a drill takes longer. */
export const graceMs = 600_000

/** One consent of a person, and every refresh token that came from it. */
export interface GrantLine {
  readonly first: string
  readonly tokens: Set<string>
  /** The last that the vendor gave out: the only good one where there is no grace. */
  newest: string
}

/** A vendor with rotating single-use refresh tokens. It sees what it gave out, whoever lived to hear it. */
export class TokenVendor {
  readonly server: AuthorizationServer
  readonly lines: GrantLine[] = []

  private constructor(server: AuthorizationServer) {
    this.server = server
  }

  static async start(grace: boolean): Promise<TokenVendor> {
    const server = await startAuthorizationServer({
      clients: [client],
      accessTokenMs: 160,
      graceMs: grace ? graceMs : 0,
    })
    return new TokenVendor(server)
  }

  /** A person's consent. */
  consent(): GrantLine {
    const { refresh_token: first } = this.server.grant(client.clientId)
    const line = { first, tokens: new Set([first]), newest: first }
    this.lines.push(line)
    return line
  }

  async answer({ method, path, headers, body }: EdgeRequest): Promise<EdgeAnswer> {
    const { authorization, 'content-type': type } = headers
    const answer = await fetch(`${this.server.url}${path}`, {
      method,
      headers: { ...(authorization && { authorization }), ...(type && { 'content-type': type }) },
      ...(method === 'POST' && { body }),
    })
    const text = await answer.text()
    if (path === '/token' && answer.status === 200) this.#note(body, text)
    return { status: answer.status, body: text }
  }

  #note(form: string, answer: string): void {
    const used = new URLSearchParams(form).get('refresh_token') ?? ''
    const line = this.lines.find(({ tokens }) => tokens.has(used))
    const { refresh_token: next } = JSON.parse(answer) as { refresh_token?: string }
    if (line === undefined || next === undefined) return
    line.tokens.add(next)
    line.newest = next
  }
}
