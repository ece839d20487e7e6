import { axiosFor } from '@patchbay/api/axios'
import { graphqlFor } from '@patchbay/api/graphql'
import { type SoapResult, soapFor } from '@patchbay/api/soap'
import { type Connection, connect, defineConnector, systemClock, type Transport, unchecked } from '@patchbay/core'
import { httpClient, httpOperation, undiciTransport } from '@patchbay/core/http'
import axios from 'axios'
import { GraphQLClient } from 'graphql-request'
import soap from 'soap'
import { Agent, request } from 'undici'
import type { Bench } from './bench.ts'
import { startChild } from './child.ts'
import { inFlight, interleave, type Measurement, type Subject } from './measure.ts'
import { recordsWsdl } from './programs/records-wsdl.ts'
import { type Row, row } from './report.ts'

const width = 20
const query = 'query GetRecord { record { id name count filler } }'
const none = { scheme: 'none', marks: { headers: [], query: [] }, apply: () => undefined }

interface RecordsClient {
  GetRecordAsync(input: { id: string }): Promise<SoapResult>
}

export const bench: Bench = {
  description:
    'The transport and its faces against undici.request and the stock libraries, keep-alive, 1 kB, 20 in flight',
  async run({ rounds = 7, log }) {
    const server = await startChild('programs/answer-server.ts')
    const origin = `http://127.0.0.1:${String(server.greeting)}`
    const transport = undiciTransport({ clock: systemClock, allow: [{ cidr: '127.0.0.0/8' }] })
    const agent = new Agent({ connections: 256 })
    const connection = connect(recordsConnector(origin), { config: {}, transport })
    try {
      const measured = await interleave(await subjectsOf(origin, transport, agent, connection), rounds, log)
      return rowsOf(measured)
    } finally {
      await connection.$close()
      await transport.close()
      await agent.close()
      await server.end()
    }
  },
}

function recordsConnector(origin: string) {
  return defineConnector({
    contract: 1,
    manifest: { id: 'bench/records', title: 'Records', summary: 'One record.', version: '1.0.0' },
    config: unchecked<object>(),
    credentials: [],
    operations: {
      'record.get': httpOperation(
        { name: 'record.get', effect: 'read', input: unchecked<undefined>(), output: unchecked<unknown>() },
        { request: () => ({ path: '/json' }) },
      ),
    },
    open: async (_config, env) => httpClient({ ...env, baseUrl: origin }),
  })
}

async function subjectsOf(
  origin: string,
  transport: Transport,
  agent: Agent,
  connection: Connection<ReturnType<typeof recordsConnector>>,
): Promise<readonly Subject[]> {
  const client = httpClient({ baseUrl: origin, credential: none, transport, clock: systemClock })
  const patchedAxios = axiosFor(client, { baseUrl: origin })
  const patchedGraphql = graphqlFor(client, { url: `${origin}/graphql` }).client
  const patchedSoap = await soapFor(client).createClient<RecordsClient>(recordsWsdl(`${origin}/soap`))
  const stockGraphql = new GraphQLClient(`${origin}/graphql`)
  const stockSoap = (await soap.createClientAsync(recordsWsdl(`${origin}/soap`), {
    disableCache: true,
  })) as unknown as RecordsClient
  const url = `${origin}/json`
  const subject = (name: string, operations: number, operation: () => Promise<unknown>): Subject => ({
    name,
    operations,
    run: (total) => inFlight(width, total, operation),
  })
  return [
    subject('undici.request', 6000, async () => (await request(url, { dispatcher: agent })).body.json()),
    subject('transport', 6000, async () =>
      JSON.parse(Buffer.from((await transport.send({ method: 'GET', url })).body).toString()),
    ),
    subject('connection', 6000, () => connection.record.get()),
    subject('axios face', 3000, async () => (await patchedAxios.get('/json')).data),
    subject('stock axios', 3000, async () => (await axios.get(url)).data),
    subject('graphql face', 3000, () => patchedGraphql.request(query)),
    subject('stock graphql-request', 3000, () => stockGraphql.request(query)),
    subject('soap face', 2000, () => patchedSoap.GetRecordAsync({ id: 'r-1' })),
    subject('stock soap', 2000, () => stockSoap.GetRecordAsync({ id: 'r-1' })),
  ]
}

/** Most CPU time per request, as a multiple of undici.request. */
const goals: Readonly<Record<string, number>> = {
  transport: 0.75,
  'axios face': 2.2,
  'graphql face': 2.2,
  'soap face': 5,
}

function rowsOf(measured: readonly Measurement[]): readonly Row[] {
  const [yardstick, ...others] = measured as readonly [Measurement, ...Measurement[]]
  const against = { name: yardstick.name, value: 1 }
  return others.flatMap(({ name, cpuRatio, rateRatio }) => {
    const atMost = goals[name]
    const cpu = row({
      name: `${name}, CPU`,
      value: cpuRatio,
      unit: 'x',
      against,
      ...(atMost === undefined ? {} : { atMost }),
    })
    return [cpu, row({ name: `${name}, requests/s`, value: rateRatio, unit: 'x', against })]
  })
}
