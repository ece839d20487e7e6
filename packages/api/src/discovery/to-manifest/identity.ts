import type { ApiModel } from '../model.ts'
import { kebabOf, wordsOf } from './names.ts'
import type { Guesses } from './report.ts'
import { clip } from './schema-writer.ts'

export interface IdentityOptions {
  /** Default: from the title. */
  readonly id?: string | undefined
  readonly vendor?: string | undefined
  readonly category?: string | undefined
  /** An https page. */
  readonly documentation?: string | undefined
  /** What the description is called in `sources`: `npm:<package>@<version>#<path>`, `github:…` or a URL. */
  readonly source?: string | undefined
}

const kinds = {
  openapi: 'openapi',
  swagger: 'openapi',
  google: 'discovery',
  aws: 'aws',
  odata: 'odata',
  graphql: 'graphql',
  wsdl: 'wsdl',
} as const

export function identityOf(
  model: ApiModel,
  options: IdentityOptions,
  base: string | undefined,
  guesses: Guesses,
): Readonly<Record<string, unknown>> {
  const title = clip(model.title, 200) || 'Untitled API'
  const vendor = options.vendor ?? title
  if (options.vendor === undefined) guesses.add('vendor.name', vendor, 'low', "it is the API's title")
  if (options.category === undefined) guesses.add('category', 'business', 'low', 'no category was given')
  const family = model.format.split('-')[0] as keyof typeof kinds
  const version = model.version.trim().slice(0, 200)
  return {
    format: 1,
    id: options.id ?? kebabOf(wordsOf(title), 'api'),
    product: title,
    vendor: { name: vendor },
    category: options.category ?? 'business',
    subcategory: 'imported',
    summary: clip(model.summary ?? model.description ?? '', 200) || `Operations of ${clip(title, 150)}.`,
    links: { documentation: documentationOf(model, options, base, guesses) },
    version: '0.1.0',
    sources: [
      {
        id: 'description',
        kind: kinds[family] ?? 'documentation',
        ref: options.source ?? sourceOf(model),
        ...(version === '' ? {} : { version }),
        ...(model.sha256 === undefined ? {} : { sha256: model.sha256 }),
      },
    ],
  }
}

function sourceOf({ location }: ApiModel): string {
  if (location === undefined) return 'file:///description'
  // A path of this machine is nobody's business.
  return location.startsWith('file:') ? `file:///${location.split('/').at(-1)}` : location
}

function documentationOf(
  model: ApiModel,
  options: IdentityOptions,
  base: string | undefined,
  guesses: Guesses,
): string {
  if (options.documentation !== undefined) return options.documentation
  const page = [model.links.documentation, model.links.terms].map(secure).find((url) => url !== undefined)
  if (page !== undefined) return page
  const place = 'links.documentation'
  const host = base === undefined ? undefined : secure(new URL(base).origin)
  if (host !== undefined)
    guesses.add(place, host, 'low', 'the description names no documentation; it is the host of the API')
  else guesses.add(place, 'https://example.com/', 'low', 'the description names no documentation; replace it')
  return host ?? 'https://example.com/'
}

function secure(url: string | undefined): string | undefined {
  const parsed = url === undefined ? null : URL.parse(url.trim())
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username !== '') return undefined
  parsed.protocol = 'https:'
  return /[\s]/.test(parsed.href) ? undefined : parsed.href
}
