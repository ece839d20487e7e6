// mTLS: this side identifies itself with a certificate. Wrong pairs are found before the first handshake.
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { connect, defineConnector } from '@patchbay/core'
import { mtls, none } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { makeCertificates } from '@patchbay/core/testing'
import { z } from 'zod'

const { authority, server: identity, client, foreignClient } = makeCertificates()
// It asks for a certificate, and lets nobody in who has none of its authority.
const server = createServer(
  {
    cert: identity.certificate,
    key: identity.key,
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: true,
  },
  (request: IncomingMessage, response: ServerResponse) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate()
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ hello: subject.CN }))
  },
)
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`

const connector = defineConnector({
  contract: 1,
  manifest: { id: 'api/bank', title: 'Bank', summary: 'Wants certificates.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [mtls.scheme, none.scheme],
  operations: {
    'me.get': httpOperation(
      { name: 'me.get', effect: 'read', input: z.undefined(), output: z.object({ hello: z.string() }) },
      { request: () => ({ path: path`/me` }) },
    ),
  },
  open: async (config, env) => httpClient({ ...env, baseUrl: config.url }),
})
const allow = [{ host: '127.0.0.1' }]
// A private authority is trusted instead of the system's. Never by switching the check off: there is no such option.
const ca = authority.certificate
const tell = (call: Promise<{ hello: string }>): Promise<void> =>
  call.then(
    ({ hello }) => console.log('the server greets', hello),
    (error: unknown) => console.log(error instanceof Error ? error.message : error),
  )

await using known = connect(connector, {
  config: { url },
  credential: mtls({ certificate: client.certificate, key: client.key, ca }),
  network: { allow },
})
await tell(known.me.get())

// Without a credential the authority still has to be named, or nothing is sent to a server that nobody vouches for.
await using anonymous = connect(connector, { config: { url }, network: { allow, tls: { ca } } })
await tell(anonymous.me.get())
await using careless = connect(connector, { config: { url }, network: { allow } })
await tell(careless.me.get())
await using stranger = connect(connector, {
  config: { url },
  credential: mtls({ certificate: foreignClient.certificate, key: foreignClient.key, ca }),
  network: { allow },
})
await tell(stranger.me.get())

try {
  mtls({ certificate: client.certificate, key: foreignClient.key })
} catch (error) {
  console.log(error instanceof Error ? error.message : error)
}
server.close()
server.closeAllConnections()
