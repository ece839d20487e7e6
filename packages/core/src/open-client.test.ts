import { expect, test } from 'vitest'
import { connect } from './connection.ts'
import { defineConnector } from './connector.ts'
import { mtls } from './credentials/mtls.ts'
import { none } from './credentials/none.ts'
import { httpClient } from './http/http-client.ts'
import { httpOperation } from './http/http-operation.ts'
import { unchecked } from './schema.ts'
import { faultServer } from './testing/faults/server/fault-server.ts'
import { fakeTransport } from './testing/transports/fake-transport.ts'

const connector = defineConnector({
  contract: 1,
  manifest: { id: 'test/network', title: 'Network', summary: 'A vendor on loopback.', version: '1.0.0' },
  config: unchecked<{ url: string }>(),
  credentials: [none.scheme, mtls.scheme],
  operations: {
    'record.get': httpOperation(
      { name: 'record.get', effect: 'read', input: unchecked<undefined>(), output: unchecked<{ id: string }>() },
      { request: () => ({ path: '' }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})

const loopback = { allow: [{ host: '127.0.0.1' }] }

test('reaches a private address only when the connection allows it', async () => {
  await using server = await faultServer()
  const config = { url: server.origin }
  await using strict = connect(connector, { config })
  await expect(strict.record.get()).rejects.toMatchObject({ code: 'address-refused', sent: 'none' })
  await using open = connect(connector, { config, network: loopback })
  expect(await open.record.get()).toMatchObject({ id: 'r-1' })
})

test('trusts the authority of the network, unless the credential brings its own', async () => {
  await using server = await faultServer()
  const { url } = await server.target('tls-client-certificate-missing')
  const { authority, client } = server.certificates
  const network = { ...loopback, tls: { ca: authority.certificate } }
  const config = { url }
  await using anonymous = connect(connector, { config, network })
  await expect(anonymous.record.get()).rejects.toMatchObject({ kind: 'credential' })
  const credential = mtls({ certificate: client.certificate, key: client.key, ca: authority.certificate })
  await using known = connect(connector, { config, credential, network })
  expect(await known.record.get()).toMatchObject({ id: 'r-1' })
})

test('an identity without authorities of its own trusts those of the network', async () => {
  await using server = await faultServer()
  const { url } = await server.target('tls-client-certificate-missing')
  const { authority, client } = server.certificates
  const credential = mtls({ certificate: client.certificate, key: client.key })
  await using stranger = connect(connector, { config: { url }, credential, network: loopback })
  await expect(stranger.record.get()).rejects.toMatchObject({ sent: 'none' })
  const network = { ...loopback, tls: { ca: authority.certificate } }
  await using known = connect(connector, { config: { url }, credential, network })
  expect(await known.record.get()).toMatchObject({ id: 'r-1' })
})

test('refuses network settings beside an own transport, which they would not reach', () => {
  const options = { config: { url: 'https://vendor.example' }, transport: fakeTransport({}), network: loopback }
  expect(() => connect(connector, options)).toThrow(/config: network: is for the standard transport/)
})
