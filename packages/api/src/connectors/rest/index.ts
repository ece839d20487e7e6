export type { BodySource, MultipartPart, PagingData, RequestBody } from '../../request/index.ts'
export { type RestConfig, restConfig } from './config.ts'
export { rest } from './rest.ts'
export { type RestConnection, restStream, type TimeStream, type TokenStream } from './rest-stream.ts'
