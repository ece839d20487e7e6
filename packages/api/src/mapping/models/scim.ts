import type { JsonSchema } from '@patchbay/core'
import type { Model } from '../model.ts'

const text: JsonSchema = { type: 'string' }
const flag: JsonSchema = { type: 'boolean' }
const link: JsonSchema = { type: 'string', format: 'uri-reference' }
const time: JsonSchema = { type: 'string', format: 'date-time' }

const coreUser = 'urn:ietf:params:scim:schemas:core:2.0:User'
const coreGroup = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const enterpriseUser = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

function closed(properties: JsonSchema, required: readonly string[] = []): JsonSchema {
  return { type: 'object', properties, required, additionalProperties: false }
}

/** A multi-valued attribute (RFC 7643 section 2.4): its usual sub-attributes, and further ones. */
function values(value: JsonSchema = text, more: JsonSchema = {}): JsonSchema {
  return { type: 'array', items: closed({ value, display: text, type: text, primary: flag, ...more }) }
}

/** Attributes of every resource, RFC 7643 section 3.1. `id` is not required: the service provider gives it. */
function common(schemas: readonly string[]): Readonly<Record<string, JsonSchema>> {
  return {
    schemas: { type: 'array', minItems: 1, items: { type: 'string', enum: schemas } },
    id: text,
    externalId: text,
    meta: closed({ resourceType: text, created: time, lastModified: time, location: link, version: text }),
  }
}

function scimModel(id: string, title: string, properties: JsonSchema, required: readonly string[]): Model {
  return {
    id,
    version: '2.0',
    title,
    source: 'https://www.rfc-editor.org/rfc/rfc7643',
    schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `urn:patchbay:model:${id}:2.0`,
      title,
      ...closed(properties, required),
    },
  }
}

/** User, RFC 7643 sections 4.1 and 4.3. Without `password`, which no vendor returns and no mapping should carry. */
export const scimUser = scimModel(
  'scim-user',
  'SCIM user',
  {
    ...common([coreUser, enterpriseUser]),
    userName: { type: 'string', minLength: 1 },
    name: closed({
      formatted: text,
      familyName: text,
      givenName: text,
      middleName: text,
      honorificPrefix: text,
      honorificSuffix: text,
    }),
    displayName: text,
    nickName: text,
    profileUrl: link,
    title: text,
    userType: text,
    preferredLanguage: text,
    locale: text,
    timezone: text,
    active: flag,
    emails: values(),
    phoneNumbers: values(),
    ims: values(),
    photos: values(link),
    addresses: {
      type: 'array',
      items: closed({
        formatted: text,
        streetAddress: text,
        locality: text,
        region: text,
        postalCode: text,
        country: text,
        type: text,
        primary: flag,
      }),
    },
    groups: {
      type: 'array',
      items: closed({ value: text, $ref: link, display: text, type: { type: 'string', enum: ['direct', 'indirect'] } }),
    },
    entitlements: values(),
    roles: values(),
    x509Certificates: values({ type: 'string', contentEncoding: 'base64' }),
    [enterpriseUser]: closed({
      employeeNumber: text,
      costCenter: text,
      organization: text,
      division: text,
      department: text,
      manager: closed({ value: text, $ref: link, displayName: text }),
    }),
  },
  ['schemas', 'userName'],
)

/** Group, RFC 7643 section 4.2. */
export const scimGroup = scimModel(
  'scim-group',
  'SCIM group',
  {
    ...common([coreGroup]),
    displayName: { type: 'string', minLength: 1 },
    members: {
      type: 'array',
      items: closed({ value: text, $ref: link, display: text, type: { type: 'string', enum: ['User', 'Group'] } }),
    },
  },
  ['schemas', 'displayName'],
)
