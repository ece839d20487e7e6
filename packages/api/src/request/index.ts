export type { BodySource, RequestBody } from './body.ts'
export type { MultipartPart } from './multipart.ts'
export type { PagingData } from './paging-data.ts'
export type {
  APIAnswer,
  APIPage,
  DestroyOptions,
  Expectation,
  ListInput,
  RequestInput,
  RequestMethod,
  ValueOf,
} from './request-input.ts'
export { type ListMethod, requestOperations } from './request-operations.ts'
