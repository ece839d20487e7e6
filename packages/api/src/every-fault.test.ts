import {
  type Call,
  type Connection,
  type CredentialSource,
  connect,
  defineConnector,
  operation,
  schema,
  systemClock,
  unchecked,
} from '@patchbay/core'
import { type HttpClient, httpClient, undiciTransport } from '@patchbay/core/http'
import {
  type FaultCase,
  type FaultTarget,
  faultServer,
  faults,
  judge,
  leakCheck,
  outcomeOf,
} from '@patchbay/core/testing'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { axiosFor } from './axios/index.ts'
import { type GraphqlFace, graphqlFor } from './connectors/graphql/index.ts'
import { type SoapResult, soapFor } from './connectors/soap/index.ts'

const server = await faultServer({ stepMs: 10 })
beforeEach(() => server.ledger.clear())
afterAll(() => server.close())

const secret = 'top-secret-value'
const renewed = 'renewed-secret-value'

interface Faces {
  readonly url: string
  readonly http: HttpClient
  readonly axios: ReturnType<typeof axiosFor>
  readonly graphql: GraphqlFace
  soap(): Promise<RecordsClient>
}

interface RecordsClient {
  GetRecordAsync(input: { id: string }, options: { call: Call }): Promise<SoapResult>
}

interface Goal {
  readonly target: FaultTarget
}

type Send = (faces: Faces, call: Call) => Promise<unknown>

/** The same request through each face. REST faces read the record, GraphQL and SOAP ask for it by POST. */
const ways: Readonly<Record<string, Send>> = {
  http: async ({ http, url }, call) => (await http.send({ link: url }, call)).value,
  axios: async ({ axios, url }, call) => (await axios.get(url, { call })).data,
  graphql: async ({ graphql }, call) =>
    (await graphql.for(call).request<{ record: unknown }>('query GetRecord { record { id name count } }')).record,
  soap: async (faces, call) => (await (await faces.soap()).GetRecordAsync({ id: 'r-1' }, { call }))[0],
}

/** The record as the connector reads it: drift is a `protocol` error that names the field. SOAP gives numbers as text. */
const record = schema<{ id: string; name: string; count: number }>((value) => {
  const given = (value ?? {}) as Record<string, unknown>
  for (const field of ['id', 'name']) {
    if (typeof given[field] !== 'string') return { issues: [{ path: field, message: 'must be text' }] }
  }
  const count = typeof given.count === 'string' ? Number(given.count) : given.count
  if (typeof count !== 'number' || Number.isNaN(count))
    return { issues: [{ path: 'count', message: 'must be a number' }] }
  return { value: { id: String(given.id), name: String(given.name), count } }
})

const wsdl = (url: string): string => `<?xml version="1.0"?>
<definitions name="Records" targetNamespace="urn:patchbay:test" xmlns="http://schemas.xmlsoap.org/wsdl/"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:tns="urn:patchbay:test" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <types><xsd:schema targetNamespace="urn:patchbay:test" elementFormDefault="qualified">
    <xsd:element name="GetRecord"><xsd:complexType><xsd:sequence><xsd:element name="id" type="xsd:string"/></xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="GetRecordResponse"><xsd:complexType><xsd:sequence>
      <xsd:element name="id" type="xsd:string"/><xsd:element name="name" type="xsd:string"/><xsd:element name="count" type="xsd:int"/>
    </xsd:sequence></xsd:complexType></xsd:element>
  </xsd:schema></types>
  <message name="In"><part name="parameters" element="tns:GetRecord"/></message>
  <message name="Out"><part name="parameters" element="tns:GetRecordResponse"/></message>
  <portType name="Port"><operation name="GetRecord"><input message="tns:In"/><output message="tns:Out"/></operation></portType>
  <binding name="Binding" type="tns:Port"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="GetRecord"><soap:operation soapAction="urn:get"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>
  </binding>
  <service name="Records"><port name="Port" binding="tns:Binding"><soap:address location="${url}"/></port></service>
</definitions>`

function credentialFor({ refreshes }: NonNullable<FaultCase['client']>): CredentialSource {
  let value = secret
  return {
    scheme: 'test',
    open: () => ({
      scheme: 'test',
      marks: { headers: ['x-api-key'], query: [] },
      apply: (request) => {
        request.headers['x-api-key'] = value
      },
      refresh: async () => {
        if (refreshes !== true) return undefined
        value = renewed
        return 'credential-refreshed'
      },
    }),
  }
}

function connectorFor(send: Send) {
  const run = (faces: Faces, _input: undefined, call: Call): Promise<unknown> => send(faces, call)
  const spec = { input: unchecked<undefined>(), output: record }
  return defineConnector({
    contract: 1,
    manifest: { id: 'test/faces', title: 'Faces', summary: 'A vendor behind every face.', version: '1.0.0' },
    config: unchecked<Goal>(),
    credentials: [{ id: 'test', title: 'Key', fields: {} }],
    operations: {
      'record.get': operation({ name: 'record.get', effect: 'read', ...spec }, run),
      'record.add': operation({ name: 'record.add', effect: 'write', ...spec }, run),
    },
    async open({ target }, env): Promise<Faces> {
      const { url } = target
      const { origin } = new URL(url)
      const http = httpClient({
        ...env,
        baseUrl: origin,
        redirectTo: target.redirectTo,
        limits: { connectMs: target.connectMs, maxBodyBytes: target.maxBodyBytes },
      })
      let soap: Promise<RecordsClient> | undefined
      return {
        url,
        http,
        axios: axiosFor(http, { baseUrl: origin }),
        graphql: graphqlFor(http, { url }),
        soap: () => (soap ??= soapFor(http).createClient<RecordsClient>(wsdl(url))),
      }
    },
  })
}

function open(target: FaultTarget, send: Send): Connection<ReturnType<typeof connectorFor>> {
  const transport = undiciTransport({
    clock: systemClock,
    allow: [{ cidr: '127.0.0.0/8' }],
    lookup: target.lookup,
    tls: target.ca === undefined ? undefined : { ca: target.ca },
  })
  const connection = connect(connectorFor(send), {
    config: { target },
    credential: credentialFor(target.fault.client ?? {}),
    transport,
    policies: {
      retry: { attempts: 1 },
      breaker: false,
      attemptTimeout: false,
      deadline: { timeoutMs: target.timeoutMs },
    },
  })
  const close = connection.$close
  return {
    ...connection,
    $close: async () => {
      await close()
      await transport.close()
    },
  }
}

/** What belongs to one dialect cannot be shown through another one's face. */
function plays(face: string, { id, layer }: FaultCase): boolean {
  if (layer === 'paging') return false
  if (id.startsWith('soap-')) return face === 'soap'
  if (id.startsWith('graphql-')) return face === 'graphql'
  // A face hands 207 on like any 2xx; only a connector that states its requests to the HTTP client has declared what it reads.
  return id !== 'multi-status' || face === 'http'
}

describe.each(Object.entries(ways))('through the %s face', (face, send) => {
  // The judge measures real time; what is late because the machine was busy elsewhere is on time at one of three tries.
  it.each(faults.filter((fault) => plays(face, fault)))('$id: $title', { retry: 2 }, async (fault) => {
    const target = await server.target(fault)
    const connection = open(target, send)
    const outcome = await outcomeOf(target, () => connection.record.get())
    await connection.$close()
    expect(await judge(target, outcome, server, { secrets: [secret, renewed] })).toEqual([])
    if (outcome.error !== undefined) {
      expect(String(outcome.error)).toMatch(/^PatchbayError: test\/faces record\.get: /)
      expect(JSON.stringify(outcome.error)).not.toContain(secret)
    }
  })

  it('never repeats a write that may have arrived', async () => {
    for (const id of ['rst-before-reply', 'silence', 'rst-in-body', 'stale-keep-alive']) {
      const target = await server.target(id)
      const connection = open(target, send)
      const outcome = await outcomeOf(target, () => connection.record.add())
      await connection.$close()
      expect(outcome.error, id).toMatchObject({ retry: 'never' })
    }
  })

  it('leaves no socket, timer or listener behind', async () => {
    const leaks = leakCheck({ withinMs: 1000 })
    for (const fault of faults.filter((one) => plays(face, one) && one.group !== 'tls')) {
      const target = await server.target(fault)
      const connection = open(target, send)
      await outcomeOf(target, () => connection.record.get())
      await connection.$close()
    }
    await leaks.verify()
  })
})
