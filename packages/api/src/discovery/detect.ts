import { descriptionError } from './description-error.ts'
import { own, ownText } from './own.ts'
import type { DescriptionReader } from './reader.ts'
import type { SourceDocument } from './source-document.ts'

/** Formats that are recognised but not read by the readers at hand, with what to do. */
const known: readonly { readonly what: string; readonly remedy: string; detects(document: SourceDocument): boolean }[] =
  [
    {
      what: 'this is a GraphQL schema',
      remedy: 'Hand in the reader of @patchbay/api/graphql as one of `readers`.',
      detects: (document) =>
        document.syntax === 'text' ||
        (document.syntax !== 'xml' &&
          (own(own(document.value, 'data'), '__schema') ?? own(document.value, '__schema')) !== undefined),
    },
    {
      what: 'this is a WSDL document',
      remedy: 'Hand in the reader of @patchbay/api/soap as one of `readers`.',
      detects: (document) => document.syntax === 'xml' && /^(?:definitions|description)$/.test(document.root.name),
    },
    {
      what: 'this is an AsyncAPI document',
      remedy: 'It describes messages and no calls; give the OpenAPI document of the API.',
      detects: (document) => hasKey(document, 'asyncapi'),
    },
    {
      what: 'this is a Postman collection',
      remedy: 'Export the API as OpenAPI and give that.',
      detects: (document) =>
        document.syntax !== 'xml' &&
        document.syntax !== 'text' &&
        /getpostman\.com/.test(ownText(own(document.value, 'info'), 'schema') ?? ''),
    },
    {
      what: 'this is a Swagger 1.x document',
      remedy: 'Convert it to OpenAPI 3; no vendor keeps Swagger 1 any more.',
      detects: (document) => hasKey(document, 'swaggerVersion'),
    },
  ]

function hasKey(document: SourceDocument, key: string): boolean {
  return (document.syntax === 'json' || document.syntax === 'yaml') && own(document.value, key) !== undefined
}

/** @throws PatchbayError `description-unknown-format` with what to do */
export function readerFor(document: SourceDocument, readers: readonly DescriptionReader[]): DescriptionReader {
  const reader = readers.find((candidate) => candidate.detects(document))
  if (reader !== undefined) return reader
  const format = known.find((candidate) => candidate.detects(document))
  if (format !== undefined) throw descriptionError('unknown-format', '#', format.what, format.remedy)
  const formats = readers.map((candidate) => candidate.format).join(', ')
  throw descriptionError('unknown-format', '#', 'no known format', `Give a document of one of these: ${formats}.`)
}
