import type { ApiModel, OperationModel } from '../model.ts'
import type { DescriptionReader, ReadingContext } from '../reader.ts'
import type { XmlDocument } from '../source-document.ts'
import { translated } from '../translated.ts'
import { boundOperations, importOperations } from './actions.ts'
import { childrenOf, Edm } from './edm.ts'
import { setOperations, singletonOperations } from './entity-sets.ts'

/**
 * OData `$metadata` documents (CSDL as XML): version 4, and versions 2 and 3 as far as operations need them.
 * @see https://docs.oasis-open.org/odata/odata-csdl-xml/v4.01/odata-csdl-xml-v4.01.html
 */
export const odataReader: DescriptionReader = {
  format: 'odata',
  detects: (document) => document.syntax === 'xml' && document.root.name === 'Edmx',
  read(document, context) {
    if (document.syntax !== 'xml') throw new TypeError('detects() comes before read()')
    return readOData(document, context)
  },
}

function readOData({ root, location }: XmlDocument, { findings }: ReadingContext): ApiModel {
  const edm = new Edm(root)
  const all = translated(edm.definitions(), location, findings)
  const operations: OperationModel[] = []
  for (const container of edm.containers) {
    for (const set of childrenOf(container, 'EntitySet')) {
      const name = set.attributes.get('Name') ?? ''
      const type = set.attributes.get('EntityType') ?? ''
      if (name === '' || edm.typeNamed(type) === undefined) {
        findings.add('entity-set-left-out', `line ${set.line}`, `The entity set "${name}" has no known type; left out.`)
        continue
      }
      operations.push(...setOperations(name, type, edm, all.node))
      operations.push(...boundOperations(name, type, edm, all.node))
    }
    for (const single of childrenOf(container, 'Singleton'))
      operations.push(...singletonOperations(single, edm, all.node))
    operations.push(...importOperations(container, edm, all.node))
  }
  if (edm.containers.length === 0)
    findings.add('container-missing', '#', 'No entity container: there is nothing to call.')
  const base = location?.replace(/\/?\$metadata(?:\?.*)?$/, '')
  const server = base?.startsWith('http') === true ? [{ url: base, variables: new Map() }] : []
  return {
    protocol: 'rest',
    format: `odata-${edm.version}.0`,
    title: edm.containers[0]?.attributes.get('Name') ?? '',
    version: '',
    links: {},
    servers: server,
    security: new Map(),
    operations,
    schemas: all.schemas,
    findings: findings.list,
  }
}
