import { storeBorderChecks } from './store-border-checks.ts'
import { storeEntryChecks } from './store-entry-checks.ts'
import { storeGroupChecks } from './store-group-checks.ts'
import { storeListChecks } from './store-list-checks.ts'
import { storeLogChecks } from './store-log-checks.ts'
import type { StoreCheck } from './store-subject.ts'

export type { StoreCheck, StoreSubject } from './store-subject.ts'

/**
 * What every store must do. Each check wants an empty namespace of its own. Abilities in `needs`: `second-handle`, see
 * {@link StoreSubject.open}.
 */
export const storeChecks: readonly StoreCheck[] = [
  ...storeEntryChecks,
  ...storeGroupChecks,
  ...storeListChecks,
  ...storeLogChecks,
  ...storeBorderChecks,
]
