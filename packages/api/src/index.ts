export {
  type AnyAPIConnector,
  type APIClient,
  type APIConnector,
  type APIDescription,
  type APIFacts,
  type AxiosDefaults,
  defineAPIConnector,
} from './contract.ts'
export { LoneAttempt } from './face/lone-attempt.ts'
