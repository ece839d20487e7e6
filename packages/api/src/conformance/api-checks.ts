import type { Family, OperationSpec } from '@patchbay/core'
import { requestOperations } from '../request/request-operations.ts'
import type { APICheck } from './api-subject.ts'
import { borderChecks } from './border-checks.ts'
import { errorChecks } from './error-checks.ts'
import { pageChecks } from './page-checks.ts'
import { requestChecks } from './request-checks.ts'

/**
 * What every API connector must do, whatever its protocol and vendor: run them with `runChecks` of `@patchbay/core/conformance`. The vendor is
 * the suite's own, on loopback; nothing leaves the machine.
 */
export const apiChecks: readonly APICheck[] = [...requestChecks, ...pageChecks, ...errorChecks, ...borderChecks]

const specs = Object.values(requestOperations).map(({ spec }) => [spec.name, spec as unknown as OperationSpec] as const)

/** The family as data: the operations that every member has, and the checks that it passes. */
export const apiFamily: Family = { id: 'api', specs: Object.fromEntries(specs), checks: apiChecks }
