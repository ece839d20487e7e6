import { STATUS_CODES } from 'node:http'
import { Fault, type HttpRequest, type HttpResponse, type Transport } from '@patchbay/core'
import { readVendorRequest } from './vendor/request.ts'
import type { Vendor } from './vendor/vendor.ts'

/** A transport that ends at the vendor in this process: no socket, no name is looked up, nothing leaves. */
export function inProcess(vendor: Vendor): Transport {
  let closed = false
  return {
    async send(request) {
      if (closed) throw new Fault({ kind: 'config', code: 'closed', sent: 'none', message: 'the transport is closed' })
      const work = async (): Promise<HttpResponse> => {
        const received = await readVendorRequest(request)
        if (request.progress !== undefined) request.progress.sent = 'all'
        const { status, headers, body } = await vendor.answer(received)
        return response(request, status, headers, body)
      }
      return unlessCancelled(request, work)
    },
    async close() {
      closed = true
    },
  }
}

function response(
  request: HttpRequest,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): HttpResponse {
  const common = {
    status,
    statusText: STATUS_CODES[status] ?? '',
    headers: { ...headers },
    url: new URL(request.url).href,
  }
  if (request.response !== 'stream') return { ...common, body, stream: undefined }
  return { ...common, body: new Uint8Array(), stream: once(body) }
}

async function* once(body: Uint8Array): AsyncGenerator<Uint8Array> {
  if (body.length > 0) yield body
}

async function unlessCancelled<T>({ cancellation }: HttpRequest, work: () => Promise<T>): Promise<T> {
  if (cancellation === undefined) return work()
  if (cancellation.cancelReason !== undefined) throw cancellation.cancelReason
  let stop: () => void = () => undefined
  const cancelled = new Promise<never>((_, reject) => {
    stop = cancellation.onCancel(reject)
  })
  try {
    return await Promise.race([work(), cancelled])
  } finally {
    stop()
  }
}
