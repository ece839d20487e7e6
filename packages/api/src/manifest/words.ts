import { z } from 'zod'

/** A text of at least one character. */
export const text = z.string().min(1).max(2000)
/** `pagerduty`, `icinga2`: stable, and part of package paths, so no upper case and no dots. */
export const kebab = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be kebab-case: small letters, digits, dashes')
  .meta({ examples: ['acme-desk'] })
/** Names that become TypeScript properties. */
export const camel = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]*$/, 'must be camelCase')
  .meta({ examples: ['updatedSince'] })
/** Names of schemas, which become TypeScript interfaces. */
export const pascal = z
  .string()
  .regex(/^[A-Z][A-Za-z0-9]*$/, 'must be PascalCase')
  .meta({ examples: ['Ticket'] })
/** `noun.verb`, such as `incident.list`. */
export const operationName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]*\.[a-z][A-Za-z0-9]*$/, 'must be noun.verb in camelCase, such as incident.list')
  .meta({ examples: ['ticket.list'] })
export const semver = z
  .string()
  .regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, 'must be a semantic version, such as 1.0.0')
  .meta({ examples: ['1.0.0'] })
export const date = z.iso.date().meta({ examples: ['2026-11-01'] })
/** Only https: what a person opens or a machine fetches. */
export const link = z.url({ protocol: /^https$/ }).meta({ examples: ['https://developer.acme.example/desk'] })
export const milliseconds = z.number().int().min(0).max(31_536_000_000)
export const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be a header name (RFC 9110)')
  .meta({ examples: ['X-Request-Id'] })
/** An expression: JMESPath syntax, see `@patchbay/api/mapping`. Checked when the manifest is linted, compiled at first use. */
export const expression = z.string().min(1).max(8192).meta({ 'x-slot': 'expression' })
/** A dotted path of own properties, such as `meta.next` or `response_metadata.next_cursor`. */
export const ownPath = z.string().max(500)
/** Any JSON value. */
export const json = z.json().meta({ id: 'Json' })
