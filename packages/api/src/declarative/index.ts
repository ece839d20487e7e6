export { type AuthorizationFields, authorizationOf } from './authorization.ts'
export { credentialFields } from './credentials/credential-fields.ts'
export type { DeclaredClient } from './declared-client.ts'
export { integration } from './integration.ts'
export type {
  Bytes,
  Declared,
  DeclaredEvent,
  DeclaredList,
  DeclaredWebhook,
  Integration,
  IntegrationTypes,
} from './integration-types.ts'
export { mapped } from './mapped.ts'
export { type MigrationOptions, migrateConfiguration } from './migrate-configuration.ts'
export { inputSchema } from './operations/input-schema.ts'
