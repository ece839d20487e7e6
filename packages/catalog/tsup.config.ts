import { packageConfig } from '../../tools/build/tsup-config.ts'

// Most of this package is data that programs wrote: a map of it would show nobody anything, and be half of what is downloaded.
export default { ...packageConfig(import.meta.dirname), sourcemap: false }
