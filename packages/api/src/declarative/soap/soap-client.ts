import type { HttpClient } from '@patchbay/core/http'
import type { DeclaredClient } from '../declared-client.ts'
import type { Manifest, OperationEntry, Values } from '../manifest-parts.ts'

/**
 * A client whose JSON bodies go out as envelopes, and whose answers are the values of envelopes: what lies above it, paging among it, is the
 * same as for JSON. The code of SOAP is loaded by the first request.
 */
export function soapClient(
  client: DeclaredClient,
  manifest: Manifest,
  name: string,
  entry: OperationEntry,
  input: Values,
): HttpClient {
  return {
    async send(request, call) {
      const { exchange } = await import('./exchange.ts')
      return exchange({ client, manifest, name, entry, input }, request, call)
    },
  }
}
