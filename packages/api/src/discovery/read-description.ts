import { pathToFileURL } from 'node:url'
import { systemClock, type Transport } from '@patchbay/core'
import { awsReader } from './aws/aws-reader.ts'
import { descriptionError } from './description-error.ts'
import { readerFor } from './detect.ts'
import { Findings } from './finding.ts'
import { googleReader } from './google/google-reader.ts'
import { capsOf, type DescriptionLimits } from './limits.ts'
import { type LoadedText, loadFile, loadUrl, pathInside, sha256Of, take } from './load/load-bytes.ts'
import type { Loading, ReferencePolicy } from './load/load-policy.ts'
import type { ApiModel } from './model.ts'
import { odataReader } from './odata/odata-reader.ts'
import { openApiReader } from './openapi/openapi-reader.ts'
import { parseDocument } from './parse-document.ts'
import type { DescriptionReader } from './reader.ts'
import { hrefOf } from './reference/documents.ts'
import { mayReferToOthers, referredAddresses } from './reference/external-references.ts'
import type { DataDocument, SourceDocument } from './source-document.ts'

/** Where a description comes from. `location` is the URL that relative references in a text start from. */
export type DescriptionInput =
  | { readonly text: string; readonly location?: string | undefined }
  | { readonly file: string }
  | { readonly url: string }

export interface ReadDescriptionOptions {
  /** What `$ref` may reach outside of the document. Default: nothing. */
  readonly references?: ReferencePolicy | undefined
  readonly limits?: DescriptionLimits | undefined
  /** Loads URLs. Default: core's transport, whose address guard refuses everything that is not public. */
  readonly transport?: Transport | undefined
  /** Readers of further formats, asked before the own ones: OpenAPI 2.0 to 3.1, Google Discovery, AWS service models, OData. */
  readonly readers?: readonly DescriptionReader[] | undefined
}

const ownReaders: readonly DescriptionReader[] = [openApiReader, googleReader, awsReader, odataReader]

/**
 * Reads an API description of any known format; its content decides which. What can be repaired is repaired and listed in `findings`.
 * @throws PatchbayError whose code is `description-syntax`, `-too-large`, `-too-deep`, `-too-many-aliases`, `-unknown-format`, `-refused`,
 * `-unreadable` or `-malformed`; its issue names the place and what to do
 */
export async function readDescription(
  input: DescriptionInput,
  options: ReadDescriptionOptions = {},
): Promise<ApiModel> {
  const reading = new Reading(options)
  try {
    return await reading.read(input)
  } finally {
    await reading.close()
  }
}

class Reading implements Loading {
  readonly caps
  readonly policy: ReferencePolicy
  readonly findings: Findings
  bytes = 0
  documents = 0
  readonly #readers: readonly DescriptionReader[]
  readonly #given: Transport | undefined
  #made: Promise<Transport> | undefined
  readonly #loaded = new Map<string, SourceDocument>()

  constructor(options: ReadDescriptionOptions) {
    this.caps = capsOf(options.limits)
    this.policy = options.references ?? {}
    this.findings = new Findings(this.caps.maxFindings)
    this.#readers = [...(options.readers ?? []), ...ownReaders]
    this.#given = options.transport
  }

  async read(input: DescriptionInput): Promise<ApiModel> {
    const { document, others, sha256 } = await this.#first(input)
    const reader = readerFor(document, this.#readers)
    const documents = isData(document) ? [document, ...(others ? await this.#follow(document) : [])] : []
    const { findings, caps } = this
    const load = (address: string, from: SourceDocument): Promise<SourceDocument> => this.#load(address, from)
    const model = await reader.read(document, { findings, caps, documents, load })
    return { ...model, location: document.location, sha256 }
  }

  transport(): Promise<Transport> {
    if (this.#given !== undefined) return Promise.resolve(this.#given)
    this.#made ??= import('@patchbay/core/http').then(({ undiciTransport }) => undiciTransport({ clock: systemClock }))
    return this.#made
  }

  async close(): Promise<void> {
    await (await this.#made)?.close()
  }

  async #first(input: DescriptionInput): Promise<{ document: SourceDocument; others: boolean; sha256: string }> {
    let loaded: LoadedText
    let location: string | undefined
    if ('file' in input) {
      loaded = await loadFile(input.file, this)
      location = pathToFileURL(input.file).href
    } else if ('url' in input) {
      location = URL.canParse(input.url) ? hrefOf(input.url, undefined) : undefined
      if (location === undefined || !/^https?:/.test(location)) {
        throw descriptionError('refused', 'url', 'this is no http or https URL', 'Give one, or a file.')
      }
      loaded = await loadUrl(location, this)
    } else {
      loaded = { text: input.text, sha256: sha256Of(input.text) }
      location = input.location === undefined ? undefined : hrefOf(input.location, undefined)
      take(Buffer.byteLength(input.text), 'text', this)
    }
    const { text, sha256 } = loaded
    const others = mayReferToOthers(text)
    const document = await parseDocument(text, location, this.caps, this.findings)
    if (location !== undefined) this.#loaded.set(location, document)
    return { document, others, sha256 }
  }

  /** Loads what references lead to, and what theirs lead to. What may not be read is a finding: the rest may well be of use. */
  async #follow(first: DataDocument): Promise<DataDocument[]> {
    const found: DataDocument[] = []
    const waiting: DataDocument[] = [first]
    const asked = new Set<string | undefined>([first.location])
    for (let from = waiting.shift(); from !== undefined; from = waiting.shift()) {
      for (const address of referredAddresses(from)) {
        const href = hrefOf(address, from.location)
        if (asked.has(href) && href !== undefined) continue
        asked.add(href)
        const other = await this.#load(address, from).catch((error: Error & { code?: string }) => {
          if (error.code !== 'description-refused' && error.code !== 'description-unreadable') throw error
          this.findings.add('reference-refused', '#', error.message)
          return undefined
        })
        if (other === undefined || !isData(other)) continue
        found.push(other)
        waiting.push(other)
      }
    }
    return found
  }

  async #load(address: string, from: SourceDocument): Promise<SourceDocument> {
    const href = hrefOf(address, from.location)
    const loaded = href === undefined ? undefined : this.#loaded.get(href)
    if (loaded !== undefined) return loaded
    const text = href === undefined ? undefined : (await this.#textOf(new URL(href)))?.text
    if (href === undefined || text === undefined) {
      const what = `the reference to ${JSON.stringify(address.slice(0, 200))} leads outside of what may be read`
      throw descriptionError(
        'refused',
        '#',
        what,
        'Allow its folder with references.folder or its host with references.hosts.',
      )
    }
    const document = await parseDocument(text, href, this.caps, this.findings)
    this.#loaded.set(href, document)
    return document
  }

  /** Undefined: not allowed. */
  async #textOf(url: URL): Promise<LoadedText | undefined> {
    const { folder, hosts = [] } = this.policy
    if (url.protocol === 'file:') {
      const path = folder === undefined ? undefined : await pathInside(folder, url.href)
      return path === undefined ? undefined : loadFile(path, this)
    }
    const allowed = url.protocol === 'https:' && hosts.some((host) => matches(host.toLowerCase(), url.hostname))
    return allowed ? loadUrl(url.href, this) : undefined
  }
}

function matches(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern
}

function isData(document: SourceDocument): document is DataDocument {
  return document.syntax === 'json' || document.syntax === 'yaml'
}
