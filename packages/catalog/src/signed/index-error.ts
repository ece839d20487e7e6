import { type Issue, type PatchbayError, patchbayError } from '@patchbay/core'

/** Why an index, or a manifest that it names, is refused. */
export type IndexErrorCode =
  | 'index-key'
  | 'index-signature'
  | 'index-format'
  | 'index-rollback'
  | 'bundle-missing'
  | 'bundle-altered'
  | 'bundle-mismatch'
  | 'host-not-in-index'
  | 'manifest-invalid'
  | 'integration-revoked'
  | 'unknown-integration'

export function indexError(code: IndexErrorCode, message: string, issues?: readonly Issue[]): PatchbayError {
  return patchbayError({ kind: 'config', code, message, issues })
}
