// @patchbay/api/manifest: the format of declarative connectors. Authoring time only: what runs them is @patchbay/api/declarative.
export { type CheckedManifest, checkManifest } from './check-manifest.ts'
export { type CredentialField, credentialFields } from './credential-fields.ts'
export { issueText, type ManifestIssue, type ManifestPath, pathText } from './issue.ts'
export { lintManifest } from './lint/lint-manifest.ts'
export { type IntegrationManifest, manifestSchema } from './manifest.ts'
export { manifestJsonSchema } from './manifest-json-schema.ts'
export { maxManifestBytes } from './reading/parse-text.ts'
export { type ReadManifest, type ReadOptions, readManifest } from './reading/read-manifest.ts'
