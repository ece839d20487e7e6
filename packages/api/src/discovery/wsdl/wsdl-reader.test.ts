import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { crm, crmFolder, flatCrm } from '../../connectors/soap/fixtures/crm-documents.ts'
import { readDescription } from '../read-description.ts'
import { wsdlReader } from './wsdl-reader.ts'

const readers = [wsdlReader]

it('reads a WSDL of several files with cycles', async () => {
  const file = fileURLToPath(new URL('crm.wsdl', crmFolder))
  const folder = fileURLToPath(crmFolder)
  const model = await readDescription({ file }, { readers, references: { folder } })
  expect(model).toMatchObject({
    protocol: 'soap',
    format: 'wsdl-1.1',
    title: 'Crm',
    description: 'Customers and their documents.',
  })
  expect(model.operations.map(({ id }) => id)).toEqual([
    ...['Crm11.GetCustomer', 'Crm11.SaveCustomer', 'Crm11.StoreDocument', 'Crm11.Touch', 'Calculator.Add'],
  ])
  expect(model.findings).toEqual([
    { code: 'operation-left-out', place: 'Calculator.Old', message: expect.stringContaining('rpc/encoded') },
  ])
  const [get] = model.operations
  expect(get).toMatchObject({
    summary: 'One customer by id.',
    method: 'POST',
    binding: {
      kind: 'soap',
      action: 'urn:crm:GetCustomer',
      version: '1.1',
      input: '{urn:crm:customer}GetCustomer',
      output: '{urn:crm:customer}GetCustomerResponse',
      headers: ['{urn:crm:base}Context'],
      faults: ['{urn:crm:customer}NoSuchCustomer'],
    },
  })
  const schema = get?.responses[0]?.media[0]?.schema
  if (schema === undefined) throw new Error('no schema')
  const customer = model.schemas.fields(schema)?.properties.get('customer')
  const [named] = customer === undefined ? [] : model.schemas.view(customer).anyOf
  if (named === undefined) throw new Error('no customer')
  const fields = model.schemas.fields(named)
  expect([...(fields?.required ?? [])]).toEqual(['@version', 'id', 'name', 'changed', 'number', 'active'])
  expect(model.schemas.view(fields?.properties.get('level') ?? named)).toMatchObject({
    types: ['string'],
    enum: ['gold', 'silver'],
  })
  expect(model.schemas.view(fields?.properties.get('tag') ?? named).types).toEqual(['array'])
})

it('reads a text that imports nothing', async () => {
  const { operations, servers } = await readDescription({ text: flatCrm }, { readers })
  expect(operations).toHaveLength(5)
  expect(servers.map(({ url }) => url)).toEqual(['http://localhost:1'])
  expect(operations[0]?.path).toBe('/crm')
})

it('reads no imports that nobody allowed', async () => {
  await expect(readDescription({ text: crm.text }, { readers })).rejects.toMatchObject({
    code: expect.stringMatching(/^description-/),
  })
  const file = fileURLToPath(new URL('crm.wsdl', crmFolder))
  await expect(readDescription({ file }, { readers })).rejects.toMatchObject({ code: 'description-refused' })
})

it('tells what is wrong with a WSDL', async () => {
  const text = crm.text.replace(/<wsdl:import[^>]*\/>/, '')
  await expect(readDescription({ text }, { readers })).rejects.toMatchObject({
    kind: 'config',
    code: 'description-malformed',
  })
})
