import type { ErrorKind } from '@patchbay/core'
import { z } from 'zod'
import type { WsdlText, WsdlUrl } from './description/index.ts'

const text = z.string().min(1)
const documents = z.record(text, z.string()).optional()

const kinds = [
  ...['invalid-input', 'unsupported', 'credential', 'permission', 'not-found', 'conflict', 'rate-limited'],
  ...['timeout', 'unavailable', 'protocol', 'unexpected'],
] as readonly ErrorKind[]

const isWsdlText = (value: string): boolean => value.trimStart().startsWith('<')

const wsdl = z
  .union([
    z.string().refine((value) => isWsdlText(value) || /^https?:\/\//i.test(value), {
      error: 'must be an http(s) URL, or the text of the WSDL. Files: `await readWsdl(path)`',
    }),
    z.strictObject({ url: z.url({ protocol: /^https?$/ }), documents }),
    z.strictObject({
      text: text.refine(isWsdlText, { error: 'must be the text of a WSDL' }),
      name: text.optional(),
      documents,
    }),
  ])
  .describe('URL of the WSDL, its text, or either with the documents that it imports.')

const limits = z.strictObject({
  maxBodyBytes: z.number().int().positive().optional(),
  envelopeBytes: z.number().int().positive().optional().describe('Most bytes of the XML. Default 16 MiB.'),
  maxDepth: z.number().int().min(5).max(500).optional().describe('Most elements inside one another. Default 100.'),
  maxElements: z.number().int().positive().optional().describe('Most elements of an answer. Default 500 000.'),
  bodyIdleMs: z.number().int().positive().optional(),
  connectMs: z.number().int().positive().optional(),
})

export const soapConfig = z.strictObject({
  wsdl,
  endpoint: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where calls go. Default: the address in the WSDL, when it lies at the origin of the WSDL itself.'),
  service: text.optional().describe('Name of the service, where the WSDL has several.'),
  port: text.optional().describe('Name of the port, where the service has several.'),
  imports: z
    .array(text)
    .optional()
    .describe(
      'URLs (with a slash at the end: folders) from which documents may be imported besides the folder of the WSDL.',
    ),
  operations: z
    .record(text, z.strictObject({ effect: z.enum(['read', 'idempotent', 'write']) }))
    .optional()
    .describe('What sending an operation twice does. Default write: never sent again.'),
  faults: z
    .record(text, z.enum(kinds as [ErrorKind, ...ErrorKind[]]))
    .optional()
    .describe('Kinds of errors by fault code, subcode or name of the detail.'),
  addressing: z.boolean().optional().describe('WS-Addressing headers. Default: where the WSDL asks for them.'),
  mtom: z
    .union([z.boolean(), z.strictObject({ thresholdBytes: z.number().int().min(0) })])
    .optional()
    .describe('Send bytes as attachments (MTOM). Default false.'),
  lenient: z
    .boolean()
    .optional()
    .describe('Accept answers with missing elements and with texts of another type. Default false.'),
  headers: z
    .record(text, z.string())
    .optional()
    .describe('HTTP headers of each request. No secrets: those are a credential.'),
  limits: limits.optional(),
})

export type SoapConfig = z.infer<typeof soapConfig>

/** The WSDL of a config in its full form. */
export function wsdlOf({ wsdl: given }: SoapConfig): WsdlText | WsdlUrl {
  if (typeof given !== 'string') return given
  return isWsdlText(given) ? { text: given } : { url: given }
}

const address = /<(?:[\w.-]+:)?address\s[^<>]{0,500}?\blocation\s*=\s*["'](https?:\/\/[^"'\s<>]{1,500})["']/

/** What limits and budgets belong to: the host that calls go to, as far as the config tells it. */
export function targetOf(config: SoapConfig): string {
  const source = wsdlOf(config)
  const url = config.endpoint ?? ('url' in source ? source.url : address.exec(source.text)?.[1])
  return URL.parse(url ?? '')?.host || 'api/soap'
}
