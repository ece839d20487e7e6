import { expect, it } from 'vitest'
import { describeWsdlText } from '../description/index.ts'
import { crm, customer } from '../fixtures/crm-documents.ts'
import { buildEnvelope } from '../message/build-envelope.ts'
import { parseEnvelope, readAnswer } from '../message/read-envelope.ts'
import { schemaDataIssues } from './check-schema-data.ts'
import { schemasOfData } from './read-schema-data.ts'
import { dataOfSchemas } from './write-schema-data.ts'

/** What the CRM does not use: groups, attribute groups, unions, restrictions, fixed values, types in place. */
const odd = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"><types>
<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:odd:xsd" targetNamespace="urn:odd:xsd" attributeFormDefault="qualified">
  <xsd:group name="Parts"><xsd:choice><xsd:element name="a" type="xsd:int"/><xsd:element ref="o:Whole" minOccurs="0" maxOccurs="3"/></xsd:choice></xsd:group>
  <xsd:attributeGroup name="Marks"><xsd:attribute name="colour" type="o:Colour" default="red"/><xsd:attributeGroup ref="o:Marks"/><xsd:anyAttribute/></xsd:attributeGroup>
  <xsd:simpleType name="Colour"><xsd:union memberTypes="xsd:int o:Word"><xsd:simpleType><xsd:list itemType="xsd:date"/></xsd:simpleType></xsd:union></xsd:simpleType>
  <xsd:simpleType name="Word"><xsd:restriction base="xsd:string"><xsd:whiteSpace value="collapse"/><xsd:enumeration value="red"/></xsd:restriction></xsd:simpleType>
  <xsd:complexType name="Base" mixed="true"><xsd:sequence minOccurs="0" maxOccurs="unbounded"><xsd:group ref="o:Parts"/><xsd:any/></xsd:sequence><xsd:attributeGroup ref="o:Marks"/></xsd:complexType>
  <xsd:complexType name="Less"><xsd:complexContent><xsd:restriction base="o:Base"><xsd:all><xsd:element name="a" type="xsd:int" fixed="7" nillable="true"/></xsd:all><xsd:attribute name="colour" use="prohibited"/></xsd:restriction></xsd:complexContent></xsd:complexType>
  <xsd:element name="Whole" type="o:Base"/><xsd:element name="Part" type="o:Less" substitutionGroup="o:Whole"/><xsd:element name="constructor"/>
</xsd:schema></types></definitions>`

const described = async (text: Parameters<typeof describeWsdlText>[0]) => (await describeWsdlText(text)).schemas

it.each([
  ['the CRM', () => described(crm)],
  ['what is seldom', () => described({ text: odd })],
])('%s comes back out of its data', async (_, read) => {
  const schemas = await read()
  const data = dataOfSchemas(schemas)
  expect(JSON.parse(JSON.stringify(data))).toEqual(data)
  expect(schemaDataIssues(data)).toEqual([])
  const again = schemasOfData(data)
  expect(dataOfSchemas(again)).toEqual(data)
  expect([...again.elements.keys()]).toEqual([...schemas.elements.keys()])
  expect([...again.groups]).toEqual([...schemas.groups])
})

it('keeps no words of the schemas', async () => {
  const text = odd.replace(
    '<xsd:element name="constructor"/>',
    '<xsd:element name="constructor"><xsd:annotation><xsd:documentation>Secret plans</xsd:documentation></xsd:annotation></xsd:element>',
  )
  const data = dataOfSchemas(await described({ text }))
  expect(data.elements['odd:constructor']).toEqual({})
  expect(JSON.stringify(data)).not.toContain('Secret plans')
})

it('writes and reads the same messages', async () => {
  const described = await describeWsdlText(crm)
  const port = described.ports.find(({ name }) => name === 'Crm11')
  const operation = port?.operations.get('SaveCustomer')
  if (operation?.input.body === undefined) throw new Error('no such operation')
  const again = schemasOfData(dataOfSchemas(described.schemas))
  const body = again.element(operation.input.body.name)
  const from = (schemas: typeof again, of: typeof operation) =>
    buildEnvelope(schemas, '1.1', of, { body: { customer } }).text
  const text = from(again, { ...operation, input: { body, headers: [] } })
  expect(text).toBe(from(described.schemas, operation))
  const read = (schemas: typeof again, element: typeof body) =>
    readAnswer(schemas, { name: 'x', output: { body: element, headers: [] } }, parseEnvelope(text), { lenient: false })
  expect(read(again, body)).toEqual(read(described.schemas, operation.input.body))
})

it('tells what is wrong with data', () => {
  const elements = { 'o:A': { type: 'o:T' } }
  const issues = (more: object, prefixes: Record<string, string> = { o: 'urn:o' }) =>
    schemaDataIssues({ prefixes, elements, ...more }).map(({ path, message }) => `${path.join('.')}: ${message}`)
  expect(issues({})).toEqual([expect.stringMatching(/^elements\.o:A: names the type T/)])
  expect(issues({}, {})).toEqual([expect.stringContaining('prefix of "o:A"')])
  const own = { 'o:T': { content: { sequence: [{ group: 'o:G' }] } } }
  const group = { sequence: [{ group: 'o:G' }] }
  expect(issues({ types: own, groups: { 'o:G': group } })).toEqual([
    expect.stringMatching(/^types\.o:T: has a group that holds itself/),
  ])
  let deep: object = { element: 'o:x' }
  for (let depth = 0; depth < 10_000; depth++) deep = { sequence: [deep] }
  expect(issues({ types: { 'o:T': { content: deep } } })).toEqual([expect.stringContaining('deep inside one another')])
})
