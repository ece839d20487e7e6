import { type Store, systemClock, systemRandom, type Transport } from '@patchbay/core'
import {
  type AuthorizationCodeConfig,
  beginAuthorization,
  completeAuthorization,
  oauth2Code,
} from '@patchbay/core/credentials'

export type JiraClient = Pick<AuthorizationCodeConfig, 'clientId' | 'clientSecret' | 'redirectUri'>

/**
 * The credential of the Jira connection. The first time, a person is sent through the consent page; what comes back is kept sealed, and
 * later starts find it there.
 */
export async function jiraCredential(
  issuer: string,
  client: JiraClient,
  secrets: Store,
  transport: Transport,
): Promise<ReturnType<typeof oauth2Code>> {
  const config = {
    ...client,
    authorizationEndpoint: `${issuer}/authorize`,
    tokenEndpoint: `${issuer}/token`,
    issuer,
    scope: 'read:jira-work offline_access',
    timeoutMs: 1000,
    // Atlassian: each refresh token serves once, and may be sent again for a while (ten minutes there, half a minute here).
    refreshTokens: { use: 'single', graceMs: 30_000 },
  } as const
  const kept = await secrets.get('grant/jira')
  if (kept !== undefined) return oauth2Code({ ...config, refreshToken: kept.value })

  const begun = beginAuthorization(config, { clock: systemClock, random: systemRandom })
  const callback = await visit(begun.url)
  const env = { clock: systemClock, random: systemRandom, transport: async () => transport }
  const { refreshToken } = await completeAuthorization(config, { url: callback, pending: begun.pending }, env)
  if (refreshToken === undefined) throw new Error('the grant came without a refresh token')
  await secrets.write([[{ kind: 'put', key: 'grant/jira', value: refreshToken.reveal() }]])
  return oauth2Code({ ...config, refreshToken })
}

/** The person's browser, with a person who agrees. */
async function visit(url: string): Promise<string> {
  const response = await fetch(url, { redirect: 'manual' })
  return response.headers.get('location') ?? ''
}
