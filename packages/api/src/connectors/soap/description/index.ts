import { refused } from '../schema/read-schema.ts'
import type { SoapDescription } from './description-model.ts'
import type { ImportRule } from './import-rule.ts'
import { type FetchDocument, loadDocuments } from './load-documents.ts'
import { readDescription } from './read-description.ts'

/** A WSDL in hand, with the documents that it imports. */
export interface WsdlText {
  readonly text: string
  /** Path of the WSDL among its documents, such as `v2/crm.wsdl`; imports are relative to it. Default: at the top. */
  readonly name?: string | undefined
  /** Texts of imported documents by path, or by the URL that the WSDL imports. */
  readonly documents?: Readonly<Record<string, string>> | undefined
}

export interface WsdlUrl {
  readonly url: string
  /** Documents that are given and not fetched, by URL or by path relative to the WSDL. */
  readonly documents?: Readonly<Record<string, string>> | undefined
}

/** `imports`: where documents may come from besides the WSDL's folder; `anywhere` leaves that to `fetchDocument`, which brings them. */
export async function describeWsdl(
  wsdl: WsdlText | WsdlUrl,
  imports: readonly string[] | 'anywhere',
  fetchDocument: FetchDocument,
): Promise<SoapDescription> {
  const root = 'url' in wsdl ? URL.parse(wsdl.url) : URL.parse(wsdl.name ?? 'service.wsdl', 'wsdl:/')
  if (root === null) throw refused('is not a URL')
  root.hash = ''
  const base = 'url' in wsdl ? root.href : 'wsdl:/'
  const given = new Map(
    Object.entries(wsdl.documents ?? {}).map(([location, text]) => [URL.parse(location, base)?.href ?? location, text]),
  )
  const rule: ImportRule =
    imports === 'anywhere' ? { given, root, allowed: [], anywhere: true } : { given, root, allowed: imports }
  return readDescription(await loadDocuments('url' in wsdl ? undefined : wsdl.text, rule, fetchDocument), rule)
}

const nobody: FetchDocument = async (location) => {
  throw refused(`imports ${location.href.slice(0, 200)}: give that document in "documents"`)
}

/** A description from texts alone: nothing is fetched. */
export function describeWsdlText(wsdl: WsdlText): Promise<SoapDescription> {
  return describeWsdl(wsdl, [], nobody)
}
