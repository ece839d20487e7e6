import type { Operation } from '@patchbay/core'
import type { DeclaredClient } from '../declared-client.ts'
import type { Manifest, OperationEntry, Values } from '../manifest-parts.ts'
import { ListOperation } from './list-operation.ts'
import { SingleOperation } from './single-operation.ts'

/** One operation of a manifest. Everything behind it is compiled at its first call. */
export function declaredOperation(
  manifest: Manifest,
  name: string,
  entry: OperationEntry,
): Operation<Values, unknown, DeclaredClient> {
  return entry.list === undefined
    ? new SingleOperation(manifest, name, entry)
    : new ListOperation(manifest, name, entry)
}
