import { z } from 'zod'
import { manifestSchema } from './manifest.ts'

/** JSON Schema 2020-12, as far as the tools here read it. */
export interface FormatSchema {
  readonly $ref?: string
  readonly type?: string
  readonly properties?: Readonly<Record<string, FormatSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | FormatSchema
  readonly items?: FormatSchema
  readonly anyOf?: readonly FormatSchema[]
  readonly oneOf?: readonly FormatSchema[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly description?: string
  readonly examples?: readonly unknown[]
  readonly $defs?: Readonly<Record<string, FormatSchema>>
  readonly [keyword: string]: unknown
}

let made: FormatSchema | undefined

/**
 * The format as JSON Schema 2020-12, for editors and other tools; published as `@patchbay/api/manifest.schema.json`. It says what a
 * manifest looks like; that its parts fit one another is what {@link import('./lint/lint-manifest.ts').lintManifest} checks.
 */
export function manifestJsonSchema(): FormatSchema {
  made ??= {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Patchbay integration manifest',
    description: 'A declarative connector, format 1. No functions, no templates but {name} in URLs.',
    ...(z.toJSONSchema(manifestSchema, { target: 'draft-2020-12', io: 'input' }) as FormatSchema),
  }
  return made
}
