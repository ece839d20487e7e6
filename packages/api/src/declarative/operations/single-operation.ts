import type { Call, Operation } from '@patchbay/core'
import type { HttpClient } from '@patchbay/core/http'
import { withoutRetry } from '../../request/body.ts'
import { usualCleaning } from '../answers/envelopes.ts'
import type { DeclaredClient } from '../declared-client.ts'
import type { Manifest, OperationEntry, Values } from '../manifest-parts.ts'
import { compileRequest, type DeclaredRequest } from '../requests/compile-request.ts'
import { soapClient } from '../soap/soap-client.ts'
import { DeclaredSpec, PerVersion, type Run } from './declared-spec.ts'
import { compiledInput } from './input-schema.ts'
import { compileOutput, outputSchema, unwrapOf, VendorTexts } from './output-reader.ts'

/** An operation whose answer is one value. */
export class SingleOperation implements Operation<Values, unknown, DeclaredClient> {
  readonly spec: DeclaredSpec
  readonly #runs: PerVersion<Run>

  constructor(manifest: Manifest, name: string, entry: OperationEntry) {
    this.spec = new DeclaredSpec(
      name,
      entry,
      () => compiledInput(manifest, entry),
      () => outputSchema(manifest, entry),
    )
    this.#runs = new PerVersion((version) => compileRun(manifest, name, entry, version))
  }

  run(client: DeclaredClient, input: Values, call: Call): Promise<unknown> {
    return this.#runs.for(client.apiVersion)(client, input, call)
  }
}

function compileRun(manifest: Manifest, name: string, entry: OperationEntry, version: string | undefined): Run {
  const { expect, accept, read } = compileOutput(entry, `operations.${name}`)
  const write = compileRequest(manifest, name, entry, version, { expect, accept })
  const { origin } = entry
  if (entry.soap !== undefined) {
    return async (client, input, call) => {
      const reply = await soapClient(client, manifest, name, entry, input).send(write(input, call), call)
      return read(reply, usualCleaning)
    }
  }
  if (unwrapOf(entry) !== undefined) {
    return async (client, input, call) => {
      const vendor = new VendorTexts()
      const reply = await send(client.at(origin), { ...write(input, call), seen: vendor.seen }, call)
      return read(reply, vendor.clean)
    }
  }
  return async (client, input, call) => {
    const request = write(input, call)
    const to = origin === undefined ? client.http : client.at(origin)
    const reply = request.once === undefined ? await to.send(request, call) : await send(to, request, call)
    return read(reply, usualCleaning)
  }
}

/** A stream that has begun to go out cannot go out again. */
async function send(client: HttpClient, { once, ...request }: DeclaredRequest, call: Call) {
  try {
    return await client.send(request, call)
  } catch (thrown) {
    throw once === undefined ? thrown : withoutRetry(thrown, once)
  }
}
