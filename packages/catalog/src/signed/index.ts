// @patchbay/catalog/signed: bundles of integrations beside those of the package, each file verified by a signed index.
export { type BuildIndexOptions, type BuiltBundle, buildIndex } from './build-index.ts'
export { type Bundle, type BundleOptions, type BundleProblem, loadBundle } from './bundle.ts'
export { addressFiles, type BundleFiles, folderFiles, givenFiles } from './bundle-files.ts'
export type { IndexErrorCode } from './index-error.ts'
export { type IndexContent, type IndexEntry, indexFile, noteFile, type Revocation } from './index-format.ts'
export {
  type ReadIndexOptions,
  readIndex,
  revocationOf,
  type SeenIndex,
  type SignedIndex,
  signIndex,
  type TrustedKey,
} from './read-index.ts'
export { verifierKeyOf } from './signing-key.ts'
