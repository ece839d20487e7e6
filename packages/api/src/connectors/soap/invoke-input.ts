import type { CallOptions } from '@patchbay/core'
import { z } from 'zod'
import type { IncomingAttachment } from './attachments/incoming-message.ts'

export const invokeInput = z.strictObject({
  operation: z.string().min(1).describe('As the WSDL names it.'),
  body: z.unknown().optional().describe('What stands inside of the element in the Body.'),
  headers: z.record(z.string(), z.unknown()).optional().describe('Of the Header, by the names that the WSDL declares.'),
  attachments: z
    .enum(['bytes', 'stream'])
    .optional()
    .describe(
      'How attachments of the answer come: in the place of the values that they are (default), or as a stream.',
    ),
})

/** One call of an operation of the WSDL. */
export interface InvokeInput<Body = unknown> {
  /** As the WSDL names it; overloaded ones as `name:input`. */
  readonly operation: string
  /** What stands inside of the Body's element: an object with the fields of its type. */
  readonly body?: Body | undefined
  /** By the names that the WSDL declares; others as AnyXml in a list under `#any`. */
  readonly headers?: Readonly<Record<string, unknown>> | undefined
  /**
   * `bytes` (default): binary values are Uint8Arrays, whether they came as attachments or not. `stream`: attachments follow the body, one after
   * the other, and their places in the body hold an {@link AttachmentReference}.
   */
  readonly attachments?: 'bytes' | 'stream' | undefined
}

/** Stands in the body where a streamed attachment belongs. */
export interface AttachmentReference {
  readonly contentId: string
}

export interface SoapReply<Body = unknown> {
  /** What stands inside of the answer's element; undefined for one-way operations. */
  readonly body: Body
  readonly headers: Readonly<Record<string, unknown>>
}

export interface StreamedSoapReply<Body = unknown> extends SoapReply<Body> {
  /** In the order of the answer. Read them all, or leave the loop: the socket is held until then. */
  readonly attachments: AsyncIterable<IncomingAttachment>
}

/** `connection.call.invoke<Customer>({ operation: 'GetCustomer', body: { id: '7' } })` */
export interface InvokeMethod {
  <Body = unknown>(
    input: InvokeInput & { readonly attachments: 'stream' },
    options?: CallOptions,
  ): Promise<StreamedSoapReply<Body>>
  <Body = unknown>(
    input: InvokeInput & { readonly attachments?: 'bytes' | undefined },
    options?: CallOptions,
  ): Promise<SoapReply<Body>>
}
