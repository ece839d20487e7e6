// The address guard and the proxy: where a tenant's URL may lead, which exceptions you make, and by which way requests leave.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect as tcpConnect } from 'node:net'
import { connect, defineConnector, isPatchbayError, type NetworkOptions } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path, proxyFromEnvironment } from '@patchbay/core/http'
import { faultServer } from '@patchbay/core/testing'
import { z } from 'zod'

const connector = defineConnector({
  contract: 1,
  manifest: { id: 'api/inside', title: 'Inside', summary: 'Whatever URL a tenant types.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [bearer.scheme],
  operations: {
    'page.get': httpOperation(
      { name: 'page.get', effect: 'read', input: z.undefined(), output: z.unknown() },
      { request: () => ({ path: path`/` }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})
async function reach(url: string, network?: NetworkOptions): Promise<string> {
  const own = network === undefined ? {} : { network }
  await using connection = connect(connector, { config: { url }, credential: bearer({ token: 'a-token' }), ...own })
  return connection.page.get().then(
    () => 'reached',
    (error: unknown) => (isPatchbayError(error) ? `${error.code ?? error.kind}, sent ${error.sent}` : String(error)),
  )
}

// Whatever way a private address is written: nothing is sent.
for (const host of [
  '127.0.0.1',
  '2130706433',
  '0x7f.1',
  '[::ffff:127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '169.254.169.254',
  'localhost',
])
  console.log(`http://${host}/`.padEnd(30), await reach(`http://${host}/`))

await using vendor = await faultServer()
const port = Number(new URL(vendor.origin).port)
// Exceptions name what is meant, as narrowly as you can. Not `allow: [{ cidr: '0.0.0.0/0' }]`: that is no guard at all.
console.log('loopback, one port allowed:', await reach(vendor.origin, { allow: [{ host: '127.0.0.1', port }] }))
console.log('another port allowed:', await reach(vendor.origin, { allow: [{ host: '127.0.0.1', port: port + 1 }] }))

// Redirects stay on their origin unless the connector names another; and the credential never goes along.
const elsewhere = await vendor.target('redirect-cross-origin')
console.log('a redirect to another origin:', await reach(elsewhere.url, { allow: [{ host: '127.0.0.1' }] }))

// A forward proxy that counts what passes. CONNECT, also for http, so that it sees names and no contents of https.
let tunnels = 0
const proxy = createServer().on('connect', (request, client, head) => {
  tunnels++
  const [host = '', to] = (request.url ?? '').split(':')
  const target = tcpConnect(Number(to), host, () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n')
    target.write(head)
    target.pipe(client).pipe(target)
  })
  for (const socket of [target, client]) socket.on('error', () => socket.destroy())
})
proxy.listen(0, '127.0.0.1')
await once(proxy, 'listening')
const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
const allow = [{ host: '127.0.0.1' }]
console.log('by the proxy:', await reach(vendor.origin, { allow, proxy: { http: proxyUrl } }), '- tunnels:', tunnels)
// The usual variables are read when you say so, and never behind your back. NO_PROXY may hold ranges.
const environment = { http_proxy: proxyUrl, no_proxy: '127.0.0.0/8' }
console.log(
  'bypassed:',
  await reach(vendor.origin, { allow, proxy: proxyFromEnvironment(environment) }),
  '- tunnels:',
  tunnels,
)
proxy.close()
proxy.closeAllConnections()
