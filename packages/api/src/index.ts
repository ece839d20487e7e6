export { type APIClientOptions, apiClient } from './api-client.ts'
export {
  type AnyAPIConnector,
  type APIClient,
  type APIConnector,
  type APIDescription,
  type APIFacts,
  type AxiosDefaults,
  defineAPIConnector,
  type RequestDefaults,
} from './contract.ts'
export { LoneAttempt } from './face/lone-attempt.ts'
export {
  type APIAnswer,
  type APIPage,
  type BodySource,
  type DestroyOptions,
  type Expectation,
  type ListInput,
  type ListMethod,
  type MultipartPart,
  type PagingData,
  type RequestBody,
  type RequestInput,
  type RequestMethod,
  requestOperations,
  type ValueOf,
} from './request/index.ts'
