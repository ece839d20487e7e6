import type { CallOptions, Connection } from '@patchbay/core'
import type { soap } from './soap.ts'

/** Operations of a service by name, as {@link import('./types/types-of-wsdl.ts').typesOfWsdl} writes them. */
export interface ServiceTypes {
  readonly [operation: string]: { readonly input: unknown; readonly output: unknown }
}

/** Calls one operation with the input and output that its WSDL declares. */
export type TypedCall<Service> = <Name extends keyof Service & string>(
  operation: Name,
  body: Service[Name] extends { readonly input: infer Input } ? Input : never,
  options?: CallOptions,
) => Promise<Service[Name] extends { readonly output: infer Output } ? Output : never>

/** `const call = typedCalls<CustomerService>(connection); await call('GetCustomer', { id: '7' })` */
export function typedCalls<Service>(connection: Connection<typeof soap>): TypedCall<Service> {
  return async (operation, body, options) => {
    const reply = await connection.call.invoke({ operation, body }, options)
    return reply.body as never
  }
}
