// Keys, passwords and sessions: where a connector settles the place, and users supply the secret alone.
import { type CredentialSource, connect, defineConnector, Secret } from '@patchbay/core'
import { apiKey, basic, presetScheme, sessionLogin } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { faultServer } from '@patchbay/core/testing'
import { z } from 'zod'

let session = 0
const open = new Set<string>()
await using vendor = await faultServer({
  answer: {
    'GET /me': ({ headers }) => {
      const { authorization, 'x-vendor-key': key, 'x-session': id } = headers
      if (id !== undefined) return open.has(id) ? { json: { by: `session ${id}` } } : { status: 401, json: {} }
      return { json: { by: key === undefined ? `${authorization?.split(' ')[0]}` : 'key' } }
    },
    // A login in two steps: a nonce first, then a proof made of nonce and password.
    'POST /login/start': { json: { nonce: 'n-17' } },
    'POST /login/finish': ({ json }) => {
      const { nonce, proof } = json() as { nonce: string; proof: string }
      open.add(`s-${++session}`)
      return { json: { session: `s-${session}`, lives: 900, seen: { nonce, proof: proof.length } } }
    },
    'POST /logout': ({ headers }) => {
      open.delete(headers['x-session'] ?? '')
      return { json: {} }
    },
  },
})

// The connector fixes header and name, so a user of it gives the key and nothing else.
const vendorKey = presetScheme(apiKey, { in: 'header', name: 'x-vendor-key' }, { title: 'API key of the account' })
const login = {
  steps: [
    { method: 'POST', url: `${vendor.origin}/login/start`, take: { nonce: { from: 'json', path: 'nonce' } } },
    {
      method: 'POST',
      url: `${vendor.origin}/login/finish`,
      json: {
        nonce: { taken: 'nonce' },
        // No password on the wire: HMAC-SHA256 of the nonce under it.
        proof: { hmac: 'sha256', key: { secret: 'password' }, of: { taken: 'nonce' }, as: 'hex' },
      },
      take: { session: { from: 'json', path: 'session' }, lives: { from: 'json', path: 'lives' } },
    },
  ],
  writes: [{ header: 'x-session', value: { taken: 'session' } }],
  lifetime: { taken: 'lives', unit: 's' },
  logout: { method: 'POST', url: `${vendor.origin}/logout`, headers: { 'x-session': { taken: 'session' } } },
} as const

const connector = defineConnector({
  contract: 1,
  manifest: { id: 'api/vendor', title: 'Vendor', summary: 'Knows three ways in.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [vendorKey.scheme, basic.scheme, sessionLogin.scheme],
  operations: {
    'me.get': httpOperation(
      { name: 'me.get', effect: 'read', input: z.undefined(), output: z.object({ by: z.string() }) },
      { request: () => ({ path: path`/me` }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})
async function use(credential: CredentialSource, then?: () => void): Promise<void> {
  const network = { allow: [{ host: '127.0.0.1' }] }
  await using connection = connect(connector, { config: { url: vendor.origin }, credential, network })
  console.log(`${credential.scheme}: called by`, (await connection.me.get()).by)
  then?.()
  if (then !== undefined) console.log(`${credential.scheme}: called by`, (await connection.me.get()).by)
}

await use(vendorKey({ key: 'k-123' }))
// A Secret may stand wherever a secret is expected, and never prints.
const password = new Secret('correct horse')
await use(basic({ username: 'ada', password }))
console.log('the password prints as', `${password}`, JSON.stringify({ password }))
// The vendor ends the session in the middle: the refused call logs in anew, once for all callers, and is repeated.
await use(sessionLogin({ login, secrets: { password } }), () => open.clear())
console.log('sessions left open:', open.size, '- logins:', session)

// Mistakes are found before anything is sent. What is wrong is named, the value is not.
try {
  basic({ username: 'ada:lovelace', password: 'line break\n' })
} catch (error) {
  console.log(error instanceof Error ? error.message : error)
}
