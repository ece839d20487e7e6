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
