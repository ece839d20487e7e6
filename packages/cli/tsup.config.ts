import { packageConfig } from '../../tools/build/tsup-config.ts'

export default packageConfig(import.meta.dirname)
