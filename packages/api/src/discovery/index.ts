export { awsReader } from './aws/aws-reader.ts'
export type { DescriptionProblem } from './description-error.ts'
export type { Change, Severity } from './diff/change.ts'
export { type ApiDiff, type DiffOptions, diffModels, diffText } from './diff/diff-models.ts'
export type { Finding } from './finding.ts'
export { googleReader } from './google/google-reader.ts'
export type { DescriptionLimits } from './limits.ts'
export type { ReferencePolicy } from './load/load-policy.ts'
export type {
  ApiModel,
  Binding,
  BodyModel,
  MediaTypeModel,
  OperationModel,
  PagingHint,
  ParameterModel,
  ParameterPlace,
  ParameterStyle,
  Protocol,
  ResponseModel,
  SchemeName,
  SecurityMethod,
  SecurityRequirement,
  SecurityScheme,
  ServerModel,
  ServerVariable,
} from './model.ts'
export { odataReader } from './odata/odata-reader.ts'
export { openApiReader } from './openapi/openapi-reader.ts'
export { type DescriptionInput, type ReadDescriptionOptions, readDescription } from './read-description.ts'
export type { DescriptionReader, ReadingContext } from './reader.ts'
export type { JsonType, ObjectFields, SchemaNode, Schemas, SchemaView } from './schema.ts'
export type { DataDocument, SourceDocument, TextDocument, XmlDocument, XmlElement } from './source-document.ts'
export { type ManifestDraft, type ManifestOptions, manifestOf } from './to-manifest/manifest-of.ts'
export type { Confidence, Guess, ImportReport, LeftOut } from './to-manifest/report.ts'
export { definition, type Translated, translated } from './translated.ts'
