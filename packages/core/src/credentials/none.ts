import type { Credential, CredentialSource } from '../credential.ts'
import { defineScheme, fieldsOf } from './scheme.ts'

const nothing: Credential = { scheme: 'none', marks: { headers: [], query: [] }, apply: () => undefined }

/** No credential: the service is open, or the network in front of it authenticates. */
export const none = /* @__PURE__ */ defineScheme<void>(
  { id: 'none', title: 'No authentication', fields: fieldsOf({}) },
  (): CredentialSource => ({ scheme: 'none', open: () => nothing }),
)
