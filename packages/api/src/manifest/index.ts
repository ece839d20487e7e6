// @patchbay/api/manifest: the format of declarative connectors. Authoring time only: what runs them is @patchbay/api/declarative.
export { type IntegrationManifest, manifestSchema } from './manifest.ts'
