// For --simulate: the first list or get operation of an imported manifest, against the vendor that is made of it. Where nothing reads, the
// first operation there is.

import { integration } from '../../packages/api/src/declarative/index.ts'
import type { IntegrationManifest } from '../../packages/api/src/manifest/index.ts'
import { simulate as simulated } from '../../packages/api/src/simulator/index.ts'
import { connect } from '../../packages/core/src/index.ts'
import { fakeClock } from '../../packages/core/src/testing/index.ts'

type Method = (input: object, options: object) => Promise<unknown> & { pages(): AsyncIterable<unknown> }

/** Undefined when the call went well; else the reason. */
export async function simulate(manifest: IntegrationManifest): Promise<string | undefined> {
  const all = Object.entries(manifest.operations).filter(([, { soap }]) => soap === undefined)
  const reads = all.filter(([, { effect }]) => effect === 'read')
  const [name] =
    reads.find(([, { list }]) => list !== undefined) ??
    reads.find(([key]) => /\.get/.test(key)) ??
    reads[0] ??
    all[0] ??
    []
  if (name === undefined) return 'there is no operation'
  try {
    const clock = fakeClock()
    const vendor = simulated(manifest, { clock, records: { [name]: 5 } })
    const connection = connect(
      integration(manifest) as never,
      {
        config: vendor.config,
        credential: vendor.credential(),
        transport: vendor.transport,
        clock,
        policies: { retry: false, breaker: false },
      } as never,
    ) as unknown as Readonly<Record<string, Readonly<Record<string, Method>>>>
    const [noun = '', verb = ''] = name.split('.')
    vendor.prefer(name)
    const method = connection[noun]?.[verb]
    if (method === undefined) return `${name}: the integration has no such operation`
    const work = async (): Promise<void> => {
      if (manifest.operations[name]?.list === undefined)
        await method(vendor.input(name), { approval: { by: 'import check', reason: 'a simulated vendor' } })
      else for await (const _ of method(vendor.input(name), {}).pages()) break
    }
    await clock.runUntil(work())
    const arrived = vendor.requests.some(({ operation, status }) => operation !== undefined && status < 400)
    return arrived ? undefined : `${name}: the request did not arrive`
  } catch (error) {
    return `${name}: ${error instanceof Error ? error.message : String(error)}`
  }
}
