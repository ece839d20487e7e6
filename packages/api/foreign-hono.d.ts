// As much of hono and @hono/node-server as tests use. Its own declarations want the browser's, which we do not have.
import type { Server } from 'node:http'

type Status = number
type Fields = Readonly<Record<string, string>>
export interface Context {
  readonly req: {
    readonly url: string
    readonly method: string
    readonly raw: Request
    query(name: string): string | undefined
    param(name: string): string
    header(name: string): string | undefined
    json<T>(): Promise<T>
    formData(): Promise<FormData>
    arrayBuffer(): Promise<ArrayBuffer>
  }
  header(name: string, value: string): void
  json(value: unknown, status?: Status, headers?: Fields): Response
  text(value: string, status?: Status, headers?: Fields): Response
  html(value: string): Response
  body(value: string | null, status?: Status, headers?: Fields): Response
}
type Handler = (context: Context) => Response | Promise<Response>

export class Hono {
  readonly fetch: (request: Request) => Response | Promise<Response>
  use(handler: (context: Context, next: () => Promise<void>) => Promise<void>): this
  get(path: string, handler: Handler): this
  put(path: string, handler: Handler): this
  post(path: string, handler: Handler): this
  delete(path: string, handler: Handler): this
}

/** Of @hono/node-server. */
export function serve(
  options: { readonly fetch: Hono['fetch']; readonly hostname: string; readonly port: number },
  listening: (info: { readonly port: number }) => void,
): Server
