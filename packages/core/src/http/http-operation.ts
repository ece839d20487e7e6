import type { Call } from '../call.ts'
import { type Operation, operation } from '../operation.ts'
import type { OperationSpec, Risk } from '../operation-spec.ts'
import { isUnchecked, type Schema, validate } from '../schema.ts'
import type { ClientRequest, HttpClient, Reply } from './client-request.ts'

/** How one operation is done over HTTP. `Wire` is what the vendor sends, `Output` what callers get. */
export interface HttpDefinition<Input, Wire> {
  /** The request for an input, in data. Pure. `idempotencyKey` is for vendors that want the key in the body; headers: `idempotencyHeader`. */
  request(input: Input, call: { readonly idempotencyKey: string | undefined }): ClientRequest
  /**
   * What the answer must look like: only the fields that are read, with unknown ones accepted. An answer of another shape is a `protocol`
   * error that names the field, never a silent success. Left out, the answer is taken as it is.
   */
  readonly wire?: Schema<Wire> | undefined
  /** From the vendor's shape to the operation's. Default: the answer itself. Pure. */
  output?(wire: Wire, context: { readonly input: Input; readonly reply: Reply }): unknown
}

/**
 * One operation as data and two small functions:
 *
 * ```ts
 * httpOperation(
 *   { name: 'issue.get', effect: 'read', input: issueKey, output: issue },
 *   {
 *     request: ({ owner, repo, number }) => ({ path: path`/repos/${owner}/${repo}/issues/${number}` }),
 *     wire: wireIssue,
 *     output: toIssue,
 *   },
 * )
 * ```
 */
export function httpOperation<Input, Output, R extends Risk = 'normal', Wire = unknown, Given = Input>(
  spec: OperationSpec<Input, Output, R, Given>,
  definition: HttpDefinition<Input, Wire>,
): Operation<Input, Output, HttpClient, NoInfer<R>, NoInfer<Given>> {
  const { wire, output } = definition
  const checked = wire !== undefined && !isUnchecked(wire) ? wire : undefined
  return operation(spec, async (client: HttpClient, input: Input, call: Call) => {
    const reply = await client.send(definition.request(input, call), call)
    let value = reply.value
    if (checked !== undefined) {
      const result = validate(checked, value, 'protocol', 'the answer of the vendor')
      value = result instanceof Promise ? await result : result
    }
    return output === undefined ? value : output(value as Wire, { input, reply })
  })
}
