import { connect } from '@patchbay/core'
import { fakeTransport } from '@patchbay/core/testing'
import { expect, it } from 'vitest'
import { crm, crmFolder } from './fixtures/crm-documents.ts'
import { readWsdl, soap } from './index.ts'

it('reads a WSDL with what it imports', async () => {
  const wsdl = await readWsdl(new URL('crm.wsdl', crmFolder))
  expect(wsdl).toEqual(crm)
  const connection = connect(soap, { config: { wsdl, port: 'Crm12' }, transport: fakeTransport({}) })
  expect((await connection.$raw()).endpoint).toBe('http://localhost:1/crm12')
})

it('reads nothing outside of its folder', async () => {
  await expect(
    readWsdl(new URL('types/address.xsd', crmFolder), { within: new URL('types/', crmFolder) }),
  ).resolves.toMatchObject({
    name: 'address.xsd',
  })
  await expect(
    readWsdl(new URL('messages.wsdl', crmFolder), { within: new URL('types/', crmFolder) }),
  ).rejects.toMatchObject({
    kind: 'config',
    issues: [{ path: 'wsdl' }],
  })
})
