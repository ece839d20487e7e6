// @patchbay/api/typescript: typed modules of manifests.
export { valueNameOf } from './module-names.ts'
export { type JavaScriptModule, javascriptModule, typescriptModule } from './module-of-manifest.ts'
