import type { Check } from './conformance/check.ts'
import type { OperationSpec } from './operation-spec.ts'

/** A set of specs that make connectors interchangeable, with the checks that every member passes. */
export interface Family<
  Specs extends Readonly<Record<string, OperationSpec>> = Readonly<Record<string, OperationSpec>>,
> {
  /** Such as `storage`. */
  readonly id: string
  readonly specs: Specs
  readonly checks: readonly Check[]
}
