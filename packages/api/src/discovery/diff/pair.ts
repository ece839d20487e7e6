import type { ApiModel, OperationModel } from '../model.ts'

/** One operation in two versions of an API. */
export interface Pair {
  readonly before: ApiModel
  readonly after: ApiModel
  readonly old: OperationModel
  readonly young: OperationModel
}
