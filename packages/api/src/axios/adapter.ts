import { STATUS_CODES } from 'node:http'
import { Readable } from 'node:stream'
import { type Clock, type HttpBody, type HttpResponse, isPatchbayError } from '@patchbay/core'
import { type Attempt, type ClientRequest, type HttpClient, type Reply, readJson, readText } from '@patchbay/core/http'
import axios, {
  type AxiosAdapter,
  AxiosHeaders,
  type AxiosResponse,
  CanceledError,
  type InternalAxiosRequestConfig,
} from 'axios'
import { faceError, withHidden } from '../face/face-error.ts'
import { LoneAttempt } from '../face/lone-attempt.ts'
import { counted, countedUpload } from './progress.ts'
import { refuseForeignSettings } from './refused-settings.ts'
import { bodyFrom, simpleBody } from './request-body.ts'

/** Stands for axios' own response transform: the adapter has parsed already, with the checks that axios lacks. */
export function keepData(data: unknown): unknown {
  return data
}

/** An axios adapter over a client. Timeouts, redirects, retries, proxy, decoding and caps are the transport's. */
export function adapterFor(client: HttpClient, clock: Clock): AxiosAdapter {
  return async (config) => {
    let raw: HttpResponse | undefined
    try {
      refuseForeignSettings(config)
      const simple = simpleBody(config.data)
      const { body, headers } = simple === undefined ? await bodyFrom(config.data) : { ...simple, headers: undefined }
      const request = requestOf(config, body, headers, (response) => {
        raw = response
      })
      const reply = await client.send(request, attemptOf(config, clock))
      return await responseOf(config, raw as HttpResponse, reply)
    } catch (thrown) {
      throw failureOf(thrown, config, raw)
    }
  }
}

function attemptOf(config: InternalAxiosRequestConfig, clock: Clock): Attempt {
  const { call, timeout } = config
  if (call !== undefined) return call
  const deadlineAt = timeout === undefined || timeout === 0 ? Number.POSITIVE_INFINITY : clock.monotonic() + timeout
  return new LoneAttempt(signalOf(config), deadlineAt)
}

function signalOf({ signal, cancelToken }: InternalAxiosRequestConfig): AbortSignal | undefined {
  if (cancelToken !== undefined) {
    const controller = new AbortController()
    cancelToken.promise.then((reason) => controller.abort(reason))
    return controller.signal
  }
  return signal as AbortSignal | undefined
}

function requestOf(
  config: InternalAxiosRequestConfig,
  body: HttpBody | undefined,
  own: Readonly<Record<string, string>> | undefined,
  seen: (response: HttpResponse) => void,
): ClientRequest {
  const { maxRedirects, maxContentLength, onUploadProgress, onDownloadProgress, responseType, validateStatus } = config
  const limited =
    (maxRedirects !== undefined && maxRedirects !== null) || (maxContentLength !== undefined && maxContentLength > -1)
  return {
    method: (config.method ?? 'get').toUpperCase(),
    link: urlOf(config),
    headers: headersOf(config, own),
    body: onUploadProgress === undefined ? body : countedUpload(body, onUploadProgress),
    expect: responseType === 'stream' || onDownloadProgress !== undefined ? 'stream' : 'bytes',
    accept: validateStatus ?? acceptAll,
    seen,
    limits: limited
      ? {
          maxRedirects,
          maxBodyBytes: maxContentLength !== undefined && maxContentLength > -1 ? maxContentLength : undefined,
        }
      : undefined,
  }
}

/** `getUri` merges the whole config a second time, which is a third of axios' cost, so it is asked only where there are parameters. */
function urlOf(config: InternalAxiosRequestConfig): string {
  const { baseURL = '', url = '', params } = config
  if (params !== undefined && params !== null) return axios.getUri(config)
  if (/^[a-z][a-z\d+.-]*:/i.test(url) || url.startsWith('//')) return url
  return url === '' ? baseURL : `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`
}

const acceptAll = (): boolean => true

/** axios' headers without those that only axios understands or that the transport writes itself. */
function headersOf(
  config: InternalAxiosRequestConfig,
  own: Readonly<Record<string, string>> | undefined,
): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {}
  const given = config.headers as unknown as Record<string, unknown>
  for (const name in given) {
    const value = given[name]
    if (value === undefined || value === null || value === false || typeof value === 'function') continue
    const lower = name.toLowerCase()
    if (!writtenByTransport.has(lower)) headers[lower] = Array.isArray(value) ? value.map(String) : String(value)
  }
  const { auth } = config
  if (auth !== undefined && auth !== null) {
    headers.authorization = `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`
  }
  if (own !== undefined) for (const name in own) headers[name.toLowerCase()] = own[name] as string
  return headers
}

const writtenByTransport = new Set(['accept-encoding', 'connection', 'content-length', 'host', 'transfer-encoding'])

async function responseOf(config: InternalAxiosRequestConfig, raw: HttpResponse, reply: Reply): Promise<AxiosResponse> {
  const { onDownloadProgress, responseType } = config
  if (raw.stream === undefined) return answer(config, raw, dataOf(config, raw))
  const total = lengthOf(raw)
  const source = reply.value as AsyncIterable<Uint8Array>
  const stream = onDownloadProgress === undefined ? source : counted(source, total, 'download', onDownloadProgress)
  if (responseType === 'stream') return answer(config, raw, Readable.from(stream, { objectMode: false }))
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return answer(config, raw, dataOf(config, { ...raw, body: Buffer.concat(chunks) }))
}

function lengthOf(raw: HttpResponse): number | undefined {
  const length = Number(raw.headers['content-length'] ?? Number.NaN)
  // Of an encoded body the header tells the encoded size.
  return Number.isSafeInteger(length) && raw.headers['content-encoding'] === undefined ? length : undefined
}

function dataOf(
  { responseType, transformResponse, validateStatus }: InternalAxiosRequestConfig,
  raw: HttpResponse,
): unknown {
  const { body } = raw
  switch (responseType) {
    case 'arraybuffer':
      return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    case 'blob':
      return new Blob([new Uint8Array(body)])
    case 'text':
      return readText(raw)
  }
  // Whoever transforms answers himself wants the text, as axios gives it. And an error page need not be JSON.
  const ownTransform = !(Array.isArray(transformResponse) && transformResponse[0] === keepData)
  const refused = validateStatus !== null && validateStatus !== undefined && !validateStatus(raw.status)
  if (ownTransform || refused) return readText(raw)
  return body.byteLength === 0 ? '' : readJson(raw)
}

function answer(config: InternalAxiosRequestConfig, raw: HttpResponse, data: unknown): AxiosResponse {
  const { status, statusText, headers } = raw
  return {
    data,
    status,
    statusText: statusText === '' ? (STATUS_CODES[status] ?? '') : statusText,
    headers: headers as AxiosResponse['headers'],
    config,
    request: { res: { responseUrl: raw.url } },
  }
}

function failureOf(thrown: unknown, config: InternalAxiosRequestConfig, raw: HttpResponse | undefined): unknown {
  const { call, signal } = config
  if (call === undefined && (signal?.aborted === true || config.cancelToken?.reason !== undefined)) {
    return config.cancelToken?.reason ?? cancelled(config)
  }
  const error = faceError(thrown)
  if (!isPatchbayError(error)) return error
  const response = raw === undefined || raw.stream !== undefined ? undefined : refusedAnswer(config, raw)
  return withHidden(error, { isAxiosError: true, config, response, request: response?.request })
}

/** axios' own error shows the whole config, headers and all, to loggers and in its JSON. */
function cancelled(config: InternalAxiosRequestConfig): CanceledError<unknown> {
  const error = new CanceledError(undefined, config)
  const { name, message, code } = error
  for (const [field, value] of Object.entries({ config, toJSON: () => ({ name, message, code }) }))
    Object.defineProperty(error, field, { value, enumerable: false, configurable: true, writable: true })
  return error
}

function refusedAnswer(config: InternalAxiosRequestConfig, raw: HttpResponse): AxiosResponse {
  let data: unknown
  try {
    data = config.responseType === 'arraybuffer' ? dataOf(config, raw) : readText(raw)
    if (typeof data === 'string' && config.responseType === 'json') data = JSON.parse(data)
  } catch {
    // Left as far as it could be read: the error itself says what was wrong.
  }
  return { ...answer(config, raw, data), headers: AxiosHeaders.from(raw.headers as Record<string, string>) }
}
