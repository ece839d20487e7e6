import { descriptionError } from '../description-error.ts'
import { quoted } from '../finding.ts'
import type { ApiModel, ServerModel } from '../model.ts'
import { isFields, own, ownEntries, ownText, ownWords } from '../own.ts'
import type { DescriptionReader, ReadingContext } from '../reader.ts'
import type { DataDocument } from '../source-document.ts'
import { translated } from '../translated.ts'
import { awsOperation } from './aws-operation.ts'
import { awsSchema } from './aws-shapes.ts'

const protocols = new Set(['rest-json', 'json', 'query', 'rest-xml', 'ec2'])

/**
 * AWS service models (`apis/*.min.json` of the package `aws-sdk`, `service-2.json` elsewhere) of the protocols rest-json, json, query, ec2
 * and rest-xml.
 */
export const awsReader: DescriptionReader = {
  format: 'aws',
  detects: (document) =>
    (document.syntax === 'json' || document.syntax === 'yaml') &&
    ownText(own(document.value, 'metadata'), 'protocol') !== undefined &&
    isFields(own(document.value, 'operations')),
  read(document, context) {
    if (document.syntax !== 'json' && document.syntax !== 'yaml') throw new TypeError('detects() comes before read()')
    return readAws(document, context)
  },
}

function readAws({ value, location }: DataDocument, { findings }: ReadingContext): ApiModel {
  const metadata = own(value, 'metadata')
  const protocol = ownText(metadata, 'protocol') ?? ''
  if (!protocols.has(protocol)) {
    const what = `the protocol ${quoted(protocol)} is not known`
    throw descriptionError('unknown-format', '#/metadata/protocol', what, `Known ones: ${[...protocols].join(', ')}.`)
  }
  const words = { json: protocol === 'json' || protocol === 'rest-json' }
  const shapes = Object.fromEntries(ownEntries(value, 'shapes').map(([name, shape]) => [name, awsSchema(shape, words)]))
  const all = translated(shapes, location, findings)
  const service = ownWords(metadata, 'signingName') ?? ownWords(metadata, 'endpointPrefix') ?? ''
  const signed = ownText(metadata, 'signatureVersion')
  const anonymous = signed === undefined || signed === 'bearer'
  const operations = ownEntries(value, 'operations').flatMap(([name, operation]) =>
    isFields(operation) ? [awsOperation(name, operation, { value, metadata, protocol, words, findings }, all)] : [],
  )
  const method = { scheme: signed === 'bearer' ? 'bearer' : 'aws-sigv4', service } as const
  return {
    protocol: 'rest',
    format: `aws-${protocol}`,
    title: ownWords(metadata, 'serviceFullName') ?? ownWords(metadata, 'serviceId') ?? service,
    version: ownText(metadata, 'apiVersion') ?? '',
    description: ownWords(value, 'documentation'),
    links: {},
    servers: [serverOf(metadata, service)],
    security: anonymous && signed === undefined ? new Map() : new Map([['aws', { name: 'aws', methods: [method] }]]),
    operations,
    schemas: all.schemas,
    findings: findings.list,
  }
}

function serverOf(metadata: unknown, service: string): ServerModel {
  const global = ownWords(metadata, 'globalEndpoint')
  if (global !== undefined) return { url: `https://${global}`, variables: new Map() }
  const prefix = ownWords(metadata, 'endpointPrefix') ?? service
  return {
    url: `https://${prefix}.{region}.amazonaws.com`,
    variables: new Map([['region', { default: 'us-east-1', description: 'AWS region' }]]),
  }
}
