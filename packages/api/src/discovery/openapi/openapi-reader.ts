import { descriptionError } from '../description-error.ts'
import { type Findings, kindOf, quoted } from '../finding.ts'
import type { ApiModel } from '../model.ts'
import { isFields, own, ownText, ownWords } from '../own.ts'
import type { DescriptionReader, ReadingContext } from '../reader.ts'
import { Documents } from '../reference/documents.ts'
import { SchemaReader } from '../schema-reader.ts'
import type { DataDocument, SourceDocument } from '../source-document.ts'
import { readOperations } from './operations.ts'
import { OpenApiPlace, type OpenApiVersion } from './place.ts'
import { readSecuritySchemes } from './security.ts'
import { readServers, readSwaggerServers } from './servers.ts'

/** OpenAPI 2.0 (Swagger), 3.0 and 3.1; a newer 3.x is read as 3.1. */
export const openApiReader: DescriptionReader = {
  format: 'openapi',
  detects: (document) => isData(document) && versionOf(document) !== undefined,
  read(document, context) {
    if (!isData(document)) throw new TypeError('detects() comes before read()')
    return readOpenApi(document, context)
  },
}

function isData(document: SourceDocument): document is DataDocument {
  return document.syntax === 'json' || document.syntax === 'yaml'
}

function versionOf({ value }: DataDocument): string | undefined {
  return ownText(value, 'openapi') ?? ownText(value, 'swagger')
}

function readOpenApi(document: DataDocument, context: ReadingContext): ApiModel {
  const { findings } = context
  const { value } = document
  const version = dialect(versionOf(document) ?? '', own(value, 'swagger') !== undefined, findings)
  const paths = own(value, 'paths')
  if (paths !== undefined && !isFields(paths)) {
    throw descriptionError('malformed', '#/paths', `paths is ${kindOf(paths)}`, 'It must be an object of path items.')
  }
  const documents = new Documents(context.documents)
  const components = own(value, 'components')
  const declared = version === '2.0' ? own(value, 'definitions') : own(components, 'schemas')
  const schemas = new SchemaReader({ documents, root: document, declared, findings, siblings: version === '3.1' })
  const place = new OpenApiPlace({ version, documents, document, schemas, findings })
  const info = own(value, 'info')
  const title = ownWords(info, 'title')
  if (title === undefined) findings.add('title-missing', '#/info/title', 'The description has no title.')
  const servers =
    version === '2.0'
      ? readSwaggerServers(value, document, findings)
      : readServers(own(value, 'servers'), '#/servers', document, findings)
  return {
    protocol: 'rest',
    format: version === '2.0' ? 'swagger-2.0' : `openapi-${version}`,
    title: title ?? '',
    version: ownText(info, 'version') ?? '',
    summary: ownWords(info, 'summary'),
    description: ownWords(info, 'description'),
    links: { documentation: ownWords(own(value, 'externalDocs'), 'url'), terms: ownWords(info, 'termsOfService') },
    licence: ownWords(own(info, 'license'), 'name'),
    servers,
    security: readSecuritySchemes(place),
    operations: readOperations(place),
    schemas,
    findings: findings.list,
  }
}

function dialect(said: string, swagger: boolean, findings: Findings): OpenApiVersion {
  if (swagger) {
    if (/^2(?:\.0)?/.test(said)) return '2.0'
    throw descriptionError(
      'unknown-format',
      '#/swagger',
      `Swagger ${quoted(said)} is not known`,
      'Give 2.0 or OpenAPI 3.',
    )
  }
  if (/^3\.0/.test(said)) return '3.0'
  if (/^3\.1/.test(said)) return '3.1'
  if (!/^3(?:\.|$)/.test(said)) {
    throw descriptionError(
      'unknown-format',
      '#/openapi',
      `OpenAPI ${quoted(said)} is not known`,
      'Give 2.0, 3.0 or 3.1.',
    )
  }
  findings.add('version-unknown', '#/openapi', `OpenAPI ${quoted(said)} is read as 3.1.`)
  return '3.1'
}
