const resources = ['Users', 'Groups']

/** RFC 7644 section 3.2, table 2. */
const scim = [
  ...resources.flatMap((name) => [
    `GET /${name}`,
    `POST /${name}`,
    `GET /${name}/{id}`,
    `PUT /${name}/{id}`,
    `PATCH /${name}/{id}`,
    `DELETE /${name}/{id}`,
    `POST /${name}/.search`,
  ]),
  'GET /Me',
  'POST /Bulk',
  'POST /.search',
  'GET /ServiceProviderConfig',
  'GET /ResourceTypes',
  'GET /Schemas',
]

/** TAXII 2.1 (OASIS Standard, 2021), sections 4 and 5. */
const taxii = [
  'GET /taxii2',
  'GET /{root}',
  'GET /{root}/status/{id}',
  'GET /{root}/collections',
  'GET /{root}/collections/{id}',
  'GET /{root}/collections/{id}/manifest',
  'GET /{root}/collections/{id}/objects',
  'POST /{root}/collections/{id}/objects',
  'GET /{root}/collections/{id}/objects/{object}',
  'DELETE /{root}/collections/{id}/objects/{object}',
  'GET /{root}/collections/{id}/objects/{object}/versions',
]

const protocols: Readonly<Record<string, readonly string[]>> = {
  'rfc:7644': scim,
  'https://docs.oasis-open.org/cti/taxii/v2.1/os/taxii-v2.1-os.html': taxii,
}

/** The operations of an open protocol, as a manifest refers to it; undefined for one that is not known here. */
export function protocolOf(ref: string): readonly string[] | undefined {
  return Object.hasOwn(protocols, ref) ? protocols[ref] : undefined
}
