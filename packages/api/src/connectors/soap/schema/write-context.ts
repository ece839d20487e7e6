import type { Issue } from '@patchbay/core'
import { SoapAttachment } from '../attachments/soap-attachment.ts'
import type { Prefixes } from './any-xml.ts'
import type { SchemaSet } from './schema-set.ts'

/** Takes binary values out of the text: what MTOM does. Undefined: the value stays where it is, as base64. */
export interface BinarySink {
  take(value: unknown): { readonly contentId: string } | undefined
}

export interface WriteContext {
  readonly schemas: SchemaSet
  readonly prefixes: Prefixes
  readonly issues: Issue[]
  readonly binaries?: BinarySink | undefined
}

const mostIssues = 20

export function complain(context: WriteContext, path: string, message: string): void {
  if (context.issues.length < mostIssues) context.issues.push({ path, message })
}

/** An object of fields, and no value of its own such as bytes or a date. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return !(value instanceof Uint8Array || value instanceof Date || value instanceof SoapAttachment)
}

export function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}
