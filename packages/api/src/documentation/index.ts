// @patchbay/api/documentation: Markdown, OpenAPI 3.1 and a Swagger UI page of any connector.
export { describeConnector } from './describe-connector.ts'
export { describeManifest } from './describe-manifest.ts'
export type {
  AddressDescription,
  ConnectorDescription,
  CredentialDescription,
  DescribeOptions,
  LimitDescription,
  MappingDescription,
  OperationDescription,
  StreamDescription,
  WebhookDescription,
} from './description.ts'
export { markdownOf } from './markdown/markdown.ts'
export type { OpenApiDocument, OpenApiServer } from './openapi/document.ts'
export { openApiOf } from './openapi/open-api.ts'
export { type SwaggerUiOptions, type SwaggerUiPage, swaggerUiPage } from './swagger-ui.ts'
export { swaggerUiFolder } from './swagger-ui-folder.ts'
