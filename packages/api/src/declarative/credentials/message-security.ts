import type { Credential, MaybeSecret } from '@patchbay/core'
import { defineScheme } from '@patchbay/core/credentials'

interface UsernameToken {
  readonly username: string
  readonly password: MaybeSecret
  readonly passwordType?: 'digest' | 'text' | undefined
  readonly nonce?: boolean | undefined
  readonly timestampSeconds?: number | undefined
}

const text = { type: 'string', minLength: 1 }

/** The UsernameToken of `wsSecurity`, whose code is loaded when a connection opens it: other integrations have no use for it. */
export const usernameToken = /* @__PURE__ */ defineScheme<UsernameToken>(
  {
    id: 'ws-security',
    title: 'WS-Security',
    fields: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        username: { ...text, title: 'User name' },
        password: { ...text, title: 'Password', writeOnly: true },
      },
      required: ['username', 'password'],
      additionalProperties: false,
    },
  },
  (config) => ({
    scheme: 'ws-security',
    async open(env): Promise<Credential> {
      const { wsSecurity } = await import('../../connectors/soap/security/ws-security.ts')
      return wsSecurity(config).open(env)
    },
  }),
)
