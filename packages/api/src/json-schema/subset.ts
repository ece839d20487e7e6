export { accepts, type ComparisonContext } from './accepts.ts'
export type { Comparison, Contradiction, Doubt } from './comparison.ts'
export { produces } from './produces.ts'
export type { ForeignSchema, ResolveRef } from './schema-alternatives.ts'
