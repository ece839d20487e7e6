// axios over Patchbay's transport: the instance that your code knows, with the guard, the credential, the policies and one kind of error.
import { axiosFor } from '@patchbay/api/axios'
import { connect, defineConnector, isPatchbayError, operation, unchecked } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { type HttpClient, httpClient } from '@patchbay/core/http'
import { faultServer } from '@patchbay/core/testing'
import { type AxiosInstance, isAxiosError } from 'axios'
import { z } from 'zod'

await using vendor = await faultServer({
  answer: {
    'GET /orders': ({ query }) => ({ json: { orders: [{ id: 1, state: query.get('state') }] } }),
    'POST /orders': { status: 422, json: { message: 'amount must be positive' } },
  },
})

interface Shop {
  readonly http: HttpClient
  readonly axios: AxiosInstance
}
const shop = defineConnector({
  contract: 1,
  manifest: { id: 'api/shop', title: 'Shop', summary: 'Orders, through axios.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [bearer.scheme],
  operations: {
    // `call` puts the request under the call's deadline and cancellation.
    'order.list': operation(
      {
        name: 'order.list',
        effect: 'read',
        input: z.strictObject({ state: z.string() }),
        output: z.array(z.object({ id: z.number() })),
      },
      async ({ axios }: Shop, params, call) => (await axios.get('/orders', { params, call })).data.orders,
    ),
    'order.create': operation(
      {
        name: 'order.create',
        effect: 'write',
        input: z.strictObject({ amount: z.number() }),
        output: unchecked<unknown>(),
      },
      async ({ axios }: Shop, order, call) => (await axios.post('/orders', order, { call })).data,
    ),
  },
  open: async ({ url }, env): Promise<Shop> => {
    const http = httpClient({ ...env, baseUrl: url })
    return { http, axios: axiosFor(http, { baseUrl: url, defaults: { headers: { 'x-app': 'example' } } }) }
  },
})
await using connection = connect(shop, {
  config: { url: vendor.origin },
  credential: bearer({ token: 'a-token' }),
  network: { allow: [{ host: '127.0.0.1' }] },
})

// A broken connection and a 503 in between: the policies see to it, axios does not notice.
vendor.next('rst-before-reply', 'status-503')
console.log('orders:', await connection.order.list({ state: 'open' }))
const { method, target, headers } = vendor.ledger.requests.at(-1) ?? {}
console.log('sent:', method, target, headers?.authorization, headers?.['x-app'])

// The same error through every face; axios' own fields are still there for code that looks at them.
await connection.order.create({ amount: -1 }).catch((error: unknown) => {
  if (isPatchbayError(error))
    console.log(error.message, '| caused by an error of axios:', isAxiosError(error.cause ?? error))
})

// What belongs to the transport is refused and not ignored: a proxy that is not used would be a hole.
const { axios } = await connection.$raw()
await axios.get('/orders', { proxy: { host: 'proxy.example', port: 3128 } }).catch((error: unknown) => {
  if (isPatchbayError(error)) console.log(error.message)
})
