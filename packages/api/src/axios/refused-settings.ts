import { Fault } from '@patchbay/core'
import type { InternalAxiosRequestConfig } from 'axios'

const belongToTransport = [
  'proxy',
  'httpAgent',
  'httpsAgent',
  'socketPath',
  'lookup',
  'transport',
  'beforeRedirect',
  'insecureHTTPParser',
  'env',
  'httpVersion',
  'http2Options',
] as const

/** Settings that axios would carry out itself are refused and not ignored: a proxy or an agent that is not used is a security hole. */
export function refuseForeignSettings(config: InternalAxiosRequestConfig): void {
  for (const name of belongToTransport) {
    const value: unknown = (config as unknown as Record<string, unknown>)[name]
    if (value === undefined || value === null || value === false || name === 'env') continue
    const message = 'is decided by the transport: set it there (proxy, tls, allow) and leave it out here'
    throw new Fault({ kind: 'config', sent: 'none', issues: [{ path: name, message }] })
  }
}
