export type { Attempt, CleanText, ClientRequest, Expected, HttpClient, Reply } from './client-request.ts'
export { type HttpClientOptions, httpClient } from './http-client.ts'
export { type HttpDefinition, httpOperation } from './http-operation.ts'
export { type LinkParameter, linkTarget } from './link-header.ts'
export { isJsonType, type MediaType, mediaTypeOf } from './media-type.ts'
export { type OwnPath, pathReader } from './own-path.ts'
export {
  type HttpPage,
  type PagedHttpDefinition,
  type PagedHttpSpec,
  type PagedInput,
  pagedHttpOperation,
} from './paged-http-operation.ts'
export {
  type CursorOptions,
  cursor,
  linkHeader,
  nextLink,
  type OffsetOptions,
  offset,
  type PageAnswer,
  type PageNumberOptions,
  type Paging,
  pageNumber,
} from './paging.ts'
export { type Place, type PlaceWriter, placeReader, placeWriter } from './paging-place.ts'
export { encodeText, type PathValue, path, Segments, segments } from './path.ts'
export { type ProxyOptions, proxyFromEnvironment } from './proxy.ts'
export type { RateHeaderQuirks, RateLimitHeaders } from './rate-header-names.ts'
export { type RateReader, rateReader } from './rate-headers.ts'
export { type JsonQuirks, readJson, readText } from './read-body.ts'
export { secretsIn } from './request-secrets.ts'
export type { TimeUnit } from './retry-after.ts'
export {
  type AnswerVerdict,
  type ErrorMapping,
  type JudgedAnswer,
  kindOfStatus,
  type Meaning,
  requestIdOf,
  statusReader,
} from './status-facts.ts'
export { type UndiciTransportOptions, undiciTransport } from './undici-transport.ts'
export { type AllowEntry, type UrlGuard, urlGuard } from './url-guard.ts'
export {
  type ArrayStyle,
  type ArrayStyles,
  type Query,
  type QueryScalar,
  type QueryValue,
  queryString,
} from './url-query.ts'
export { vendorText } from './vendor-text.ts'
