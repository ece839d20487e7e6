import { z } from 'zod'
import { apiVersions, errors, limits, transport } from './behaviour.ts'
import { credential, signer } from './credentials.ts'
import { config, deployment } from './deployments.ts'
import { fieldSchema } from './field-schema.ts'
import { correction, identity, source, version } from './identity.ts'
import { mapping } from './mappings.ts'
import { operation, stream } from './operations.ts'
import { pagination } from './pagination.ts'
import { governance, tests, texts, ui } from './rest.ts'
import { webhook } from './webhooks.ts'
import { camel, json, operationName, pascal } from './words.ts'
import { xmlSchemas } from './xml.ts'

/** A whole manifest. Closed: a key that is not named here is an error. Holds no functions and no templates but {name} in URLs. */
export const manifestSchema = z.strictObject({
  $schema: z.string().optional().describe('For editors: where the JSON Schema of this format is.'),
  ...identity,
  ...version,
  sources: z.array(source).min(1),
  corrections: z.array(correction).optional(),
  deployments: z.array(deployment).min(1),
  config: config.optional(),
  apiVersions: apiVersions.optional(),
  credentials: z.array(credential).min(1),
  signers: z.record(camel, signer).optional(),
  transport: transport.optional(),
  limits,
  errors: errors.optional(),
  schemas: z.record(pascal, fieldSchema).optional(),
  xml: z.record(camel, xmlSchemas).optional(),
  pagination: z.record(camel, pagination).optional(),
  operations: z.record(operationName, operation),
  check: z
    .strictObject({ operation: operationName, input: z.record(camel, json).optional() })
    .optional()
    .describe('The cheapest read that proves address and credential. Absent only where no operation reads.'),
  streams: z.record(camel, stream).optional(),
  webhooks: z.record(camel, webhook).optional(),
  mappings: z.record(camel, mapping).optional(),
  ui: ui.optional(),
  tests: tests.optional(),
  governance: governance.optional(),
  texts: texts.optional(),
})

/** What a manifest says, checked. */
export type IntegrationManifest = z.infer<typeof manifestSchema>
