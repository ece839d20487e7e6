import { readFile } from 'node:fs/promises'
import type { ErrorFacts } from '../../errors.ts'

/** A body in the most readable form that loses nothing. */
export type RecordedBody =
  | { readonly json: unknown }
  | { readonly text: string }
  /** Bytes that are no text. */
  | { readonly base64: string }

export interface RecordedRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: RecordedBody
}

export interface RecordedResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body?: RecordedBody
  /** True when the reader left the stream before its end. */
  readonly partial?: true
}

/** One request and how it ended: an answer, or the facts of a failure. */
export interface RecordedExchange {
  readonly request: RecordedRequest
  readonly response?: RecordedResponse
  readonly fault?: Pick<ErrorFacts, 'kind' | 'retry' | 'sent' | 'code' | 'message' | 'retryAfterMs' | 'freeRetry'>
}

/** One scenario: what was sent and answered, in order, without secrets. */
export interface Fixture {
  readonly format: 'patchbay-fixture/1'
  readonly scenario: string
  readonly exchanges: readonly RecordedExchange[]
}

/** The text of a fixture's file: indented JSON, the same for the same exchanges. */
export function fixtureText(fixture: Fixture): string {
  return `${JSON.stringify(fixture, null, 2)}\n`
}

/** @throws Error naming the file when it is no fixture of a known format. */
export async function loadFixture(file: string | URL): Promise<Fixture> {
  const parsed = JSON.parse(await readFile(file, 'utf8')) as Partial<Fixture> | null
  if (parsed?.format !== 'patchbay-fixture/1' || !Array.isArray(parsed.exchanges))
    throw new Error(`${String(file)} is no fixture of the format patchbay-fixture/1: record it again`)
  return parsed as Fixture
}
