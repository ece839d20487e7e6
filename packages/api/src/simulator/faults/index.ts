import { authExpired } from './auth-expired.ts'
import { authMissing } from './auth-missing.ts'
import { truncatedJson, wrongContentType } from './broken-answers.ts'
import type { SimulatedFault } from './fault.ts'
import { duplicatePage, emptyPage, pageShift } from './moving-pages.ts'
import { rateLimited, rateLimitedBare } from './rate-limited.ts'
import { serverErrors } from './server-errors.ts'
import { slow } from './slow.ts'
import { unknownEnum } from './unknown-enum.ts'

export type { FaultContext, FaultExpectation, FaultRun, SimulatedFault } from './fault.ts'

/** The twelve faults that every integration is tested with. */
export const simulatedFaults: readonly SimulatedFault[] = [
  authMissing,
  authExpired,
  rateLimited,
  rateLimitedBare,
  serverErrors,
  slow,
  truncatedJson,
  wrongContentType,
  duplicatePage,
  pageShift,
  emptyPage,
  unknownEnum,
]
