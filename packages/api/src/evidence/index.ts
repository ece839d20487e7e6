// @patchbay/api/evidence: what the operations of a manifest are proven by. Authoring time only.
export { type ClientPackage, clientFactsOf, digestOf } from './client-facts.ts'
export { type DriftChange, driftOf } from './drift.ts'
export type { Contradiction, Evidence, Fact, Level, OperationEvidence } from './evidence.ts'
export type {
  BodyFacts,
  ClientFacts,
  DescriptionFacts,
  GraphqlFacts,
  MediaFacts,
  OperationFacts,
  ParameterFacts,
  SecurityFacts,
  SourceFacts,
} from './facts.ts'
export { type FactsOptions, factsOf } from './facts-of.ts'
export { factsText } from './facts-text.ts'
export { graphqlFactsOf } from './graphql-facts.ts'
export { type VerifyOptions, verify } from './verify.ts'
